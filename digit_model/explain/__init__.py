"""Why a digit was read so, what would help, and pictures of both."""
