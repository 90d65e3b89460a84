"""The training of the spotter, which finds the marks of a page, and of what names them."""
