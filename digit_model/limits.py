"""The limits on one picture, one request and all visitors together, each with its reason."""

# Megapixels of a picture: phones make up to 50. Opening one takes 250 MB, or 420 MB for HEIF.
MAX_MEGAPIXELS = 50
# Lower limits for formats that take more memory per pixel: at these, opening takes 270 MB.
MAX_FORMAT_MEGAPIXELS = {"progressive JPEG": 36, "WEBP": 16, "AVIF": 16}
WORKING_SIDE = 1000  # Longer side, in pixels: a pen stroke on a full page is still 2 pixels wide.
MAX_STROKES = 500  # Strokes on a page: a full sheet has 300, and each takes about 3 ms to read.
MAX_RUNS = 900  # Candidate digits (runs of strokes) on a page: 436 crowded digits give 808.
MAX_RUN_MEGAPIXELS = 20  # Total area of the runs' boxes: the real pages tried have 13 at most.
BATCH_PICTURES = 32  # Pictures read together; the limit keeps a batch of photos in memory.
BATCH_SMALL_PICTURES = 512  # Small pictures read together: threads wait at the end of each batch.
BATCH_FRAMES = 64  # Frames per network call: more is no faster, and 4,096 take a gigabyte.
MAX_FILE_MB = 600  # Size of a local file: 50 megapixels of uncompressed TIFF.
MAX_UPLOAD_MB = 20  # Size of an uploaded file: the largest JPEG of a phone has 15.
MAX_CALL_MB = 4  # Size of a JSON call: a drawing has 0.01, and larger pictures can be uploaded.
MAX_ARRIVING_MB = 24  # Size of all calls that arrive at once, so that they cannot fill the memory.
MAX_CALL_SECONDS = 30  # Time in which a call must arrive.
MAX_UPLOAD_SECONDS = 300  # Time in which an upload must arrive.
MAX_JSON_SEPARATORS = 400  # `[`, `{` and `,` in a call: each makes an object; the page sends 30.
MAX_WAITING = 100  # Readings in a queue: two cores answer the last one after a few seconds.
MAX_QUEUE_BYTES = 16 * 1024**2  # Size of the drawings in a queue.
MAX_QUEUE_SECONDS = 60.0  # Time that a reading waits in a queue.
MAX_READ_SECONDS = 10.0  # Time for one reading: the slowest picture takes nearly three.
MAX_OPEN_SECONDS = 1.2  # CPU time for opening a file.
MAX_OPEN_MB = 1000  # Memory for opening a file, including what Python and its libraries reserve.
MAX_UNFETCHED = 100  # Answers that nobody fetches: a photo's has about 300 kB, at most 800.
MAX_STREAMS = 1000  # Streams that can be fetched again; Gradio itself remembers 2,000.
MAX_KEPT_SECONDS = 3600  # Time that the server keeps a visitor's pictures.
MAX_SESSIONS = 8  # Visitors whose last inputs Gradio keeps, up to MAX_CALL_MB each; none are used.
MAX_CORRECTION_MB = 4  # Size of a picture and its ink as PNG: the noisiest photo has 2.
MAX_HOURLY_CORRECTIONS = 200  # From all visitors together, because visitors are not identified.
MAX_ALL_CORRECTIONS_MB = 1000  # Size of all corrections in a folder.
