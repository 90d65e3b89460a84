"""What one picture, one request and one crowd of visitors may cost, and why."""

MEGAPIXELS = 50  # Of a picture: phones make as many. To open them takes up to 250 MB, of HEIF 420,
FORMAT_MEGAPIXELS = {"progressive JPEG": 36, "WEBP": 16, "AVIF": 16}  # and of these up to 270.
WORKING_SIDE = 1000  # Pixels of its longer side: a pen's stroke on a full page is still 2 wide.
STROKES = 500  # Of a page: a sheet full of numbers has 300, and each takes some 3 ms to read.
RUNS = 900  # Of strokes that may be a digit, on a page: of 436 digits, crammed together, it is 808.
RUN_MEGAPIXELS = 20  # Of their boxes together: of the honest pages tried it is 13 at most.
BATCH_PICTURES = 32  # Read together, so that many photos fit in memory,
BATCH_SMALL = 512  # and of tiny ones more, because threads wait for each other at each batch.
BATCH_FRAMES = 64  # Shown to the network together: more is no faster, and 4,096 take a gigabyte.
FILE_MB = 600  # Of a file that is named by its path: 50 megapixels of TIFF, uncompressed, have 600.
UPLOAD_MB = 20  # Of a file: a phone's largest JPEG has 15.
CALL_MB = 4  # Of a call in JSON: a drawing has 0.01, and a larger picture can be uploaded.
CALLS_MB = 24  # Of all the calls that are arriving, so that many large ones cannot fill the memory.
CALL_SECONDS, UPLOAD_SECONDS = 30, 300  # That a call or an upload may take to arrive.
CALL_MARKS = 400  # Of brackets and commas in a call: each makes an object; an honest one has 30.
WAITING = 100  # Readings in a line: on two cores, the last of them is answered after some seconds.
LINE_BYTES = 16 * 1024**2  # Of the drawings in a line.
LINE_SECONDS = 60.0  # That a reading waits in line at most,
READ_SECONDS = 10.0  # and that it may take: the slowest picture takes nearly three.
OPEN_SECONDS = 1.2  # Of one core, that opening a file may take.
OPEN_MB = 1000  # That opening a file may take, with what Python and its libraries reserve.
UNFETCHED = 100  # Answers that nobody fetches: one of a photo has some 300 kB, 800 at most.
KNOWN_STREAMS = 1000  # That can be asked for again; Gradio itself remembers 2,000.
KEPT_SECONDS = 3600  # That the server keeps a visitor's pictures, at most.
SESSIONS = 8  # Visitors whose last inputs Gradio keeps, of up to CALL_MB each; no event needs them.
