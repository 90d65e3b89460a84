"""Explain why a digit was read as it was, advise the writer, and draw both."""
