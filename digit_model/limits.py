"""What one picture, one request and one crowd of visitors may cost, and why."""

MEGAPIXELS = 50  # Of a picture: phones make as many. To open them takes up to 250 MB, of HEIF 420,
FORMAT_MEGAPIXELS = {"progressive JPEG": 36, "WEBP": 16, "AVIF": 16}  # and of these up to 270.
WORKING_SIDE = 1000  # Pixels of its longer side: a pen's stroke on a full page is still 2 wide.
STROKES = 500  # Of a page: a sheet full of numbers has 300, and each takes some 3 ms to read.
BATCH_PICTURES = 32  # Read together, so that many photos fit in memory,
BATCH_SMALL = 512  # and of tiny ones more, because threads wait for each other at each batch.
BATCH_FRAMES = 64  # Shown to the network together: more is no faster, and 4,096 take a gigabyte.
UPLOAD = "20mb"  # Of a file: a phone's largest JPEG has 15.
DATA_URL = 20 * 1024**2  # Bytes: the same for a picture that a program sends in its call.
WAITING = 100  # Requests: on two cores, the last of them is answered after some four seconds.
KEPT_SECONDS = 3600  # That the server keeps a visitor's pictures, at most.
SESSIONS = 300  # Visitors whose last answer is kept: one takes up to 100 kB.
