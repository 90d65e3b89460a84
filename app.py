"""The page: draw digits or upload a picture of some, and see what was read.

python app.py                                       the model that comes with the package
python app.py --model user/repository --revision v1 a model from the Hugging Face Hub
python app.py --share                               a public link beside the local one

DIGIT_FEEDBACK=FOLDER or USER/DATASET lets visitors say what it really was, and keeps that there.
"""

import gc

gc.disable()  # It takes a sixth of the start-up time and frees nothing.

import argparse
import logging
import os
import signal
import sys
import threading
from contextlib import nullcontext
from importlib.metadata import version
from typing import Any

from digit_model.page.corrections import open_keeper
from digit_model.page.follower import Follower, may_move
from digit_model.page.page import build_demo
from digit_model.page.readings import Readings
from digit_model.page.serving import launch_options, open_model, prepare_environment
from digit_model.page.uploads import own_folder

gc.freeze()  # Imported objects stay alive: scanning them repeatedly would delay answers.
gc.enable()

MAX_SHUTDOWN_SECONDS = 8.0  # From SIGTERM to a forced exit: open readings may still finish.
log = logging.getLogger("app")
demo: Any = None  # The page, once it is built; `gradio app.py` reloads it from this name.


def parse_arguments() -> argparse.Namespace:
    """Parse the command line; defaults come from environment variables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--model",
        default=os.environ.get("DIGIT_MODEL"),
        help="an artefact folder or a Hub repository (default: $DIGIT_MODEL, else the built-in)",
    )
    parser.add_argument(
        "--revision",
        default=os.environ.get("DIGIT_MODEL_REVISION"),
        help="the repository's tag, branch or commit (default: $DIGIT_MODEL_REVISION)",
    )
    parser.add_argument(
        "--check-minutes",
        type=float,
        default=3.0,
        help="how often it looks whether the revision names another model now (default: 3)",
    )
    parser.add_argument("--share", action="store_true", help="make a public link")
    parser.add_argument(
        "--host",
        default=os.environ.get("GRADIO_SERVER_NAME"),
        help="address to listen on (default: $GRADIO_SERVER_NAME, else this machine only)",
    )
    parser.add_argument("--port", type=int, help="port to listen on (default: 7860 or the next)")
    parser.add_argument(
        "--root-path",
        default=os.environ.get("GRADIO_ROOT_PATH"),
        help="where a proxy serves the page: a path or an address (default: $GRADIO_ROOT_PATH)",
    )
    parser.add_argument(
        "--log-level",
        choices=["debug", "info", "warning", "error"],
        default="info",
        help="info, the default, prints a line for each reading; warning does not",
    )
    return parser.parse_args()


def end(number: int, _: Any) -> None:
    """End as with Ctrl-C: open readings are answered first; further signals are ignored."""
    signal.signal(number, signal.SIG_IGN)
    watchdog = threading.Timer(MAX_SHUTDOWN_SECONDS, os._exit, [0])
    watchdog.daemon = True
    watchdog.start()
    raise KeyboardInterrupt


def main() -> None:
    """Serve the page until interrupted."""
    global demo
    arguments = parse_arguments()
    logging.basicConfig(format="%(asctime)s %(levelname)s: %(message)s")
    for name in ("app", "digit_model"):
        logging.getLogger(name).setLevel(arguments.log_level.upper())
    # `gradio app.py` runs a changed file in another thread, and serves its `demo` itself.
    is_main_thread = threading.current_thread() is threading.main_thread()
    if is_main_thread:
        signal.signal(signal.SIGTERM, end)
    served, missing = open_model(arguments.model, arguments.revision)
    prepare_environment()
    readings = Readings(served)
    if may_move(arguments.model, arguments.revision):
        seconds = 60 * arguments.check_minutes
        Follower(readings, arguments.model, arguments.revision, seconds).start()
    corrections = open_keeper(os.environ.get("DIGIT_FEEDBACK"))
    try:
        with (
            corrections if corrections and is_main_thread else nullcontext(),
            own_folder() if is_main_thread else nullcontext(),
        ):
            page = demo = build_demo(readings, corrections)
            page.launch(
                server_port=arguments.port,
                prevent_thread_lock=True,
                **launch_options(
                    page,
                    readings,
                    missing,
                    arguments.host,
                    arguments.root_path,
                    arguments.share,
                ),
            )
            if not is_main_thread:
                return
            if arguments.share and not page.share_url:
                log.warning("No public link could be made: no network? It is served locally.")
            versions = [f"{name} {version(name)}" for name in ("gradio", "ai-edge-litert", "numpy")]
            log.info(
                "Serving the model %s with %s.", served.name or "built in", ", ".join(versions)
            )
            page.block_thread()
    except KeyboardInterrupt:
        pass  # Interrupted before the page was served.
    except OSError as error:
        sys.exit(f"Expected a free port and an address of this machine. {error}")


if __name__ == "__main__":
    main()
