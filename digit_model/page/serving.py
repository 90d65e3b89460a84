"""How the page is served: what Gradio's `launch` is told."""

import logging
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import gradio as gr
from starlette.middleware import Middleware
from starlette.routing import Route

import digit_model
from digit_model.limits import SESSIONS, WAITING
from digit_model.page.about import About, write_static
from digit_model.page.door import ABOUT, API, EXAMPLE, PREVIEW, SHARED_HOST, Door
from digit_model.page.examples import show_example
from digit_model.page.head import Head, show_preview, write_head
from digit_model.page.readings import Readings, Served, name_model
from digit_model.page.texts import Texts
from digit_model.page.uploads import kept_for_a_while, receive

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
# System fonts, so that the page asks no other host for anything.
THEME = gr.themes.Soft(
    font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
).set(
    # The theme's own are too pale to be read by everybody (WCAG 2.2, AA).
    body_text_color_subdued="*neutral_600",
    block_label_text_color="*primary_700",
)


def prepare_environment() -> None:
    """Spare Gradio's statistics of events, made with pandas for a page that is not served."""
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(sys.maxsize)
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"


def open_model(model: str | None, revision: str | None) -> tuple[Served, str]:
    """What is served, and the name of what was asked for, if that is out of reach."""
    try:
        reader = digit_model.load(model or None, revision or None)
        return Served(reader, name_model(model, revision, reader.folder)), ""
    except digit_model.HubUnreachableError as error:
        name = name_model(model, revision)
        log.warning("%s %s", Texts()("unreachable", model=name), error)
        return Served(digit_model.load()), name
    except digit_model.DigitModelError as error:
        sys.exit(str(error))


def launch_options(
    demo: gr.Interface,
    readings: Readings,
    missing: str = "",
    host: str | None = None,
    root_path: str | None = None,
    share: bool = False,
) -> dict[str, Any]:
    """What `demo.launch` is given, apart from the port.

    Args:
        demo: the page.
        readings: its own.
        missing: the model that was asked for, if it cannot be reached; "" for none.
        host: what it listens on.
        root_path: where a proxy in front of it serves it: a path or a whole address.
        share: whether it is shared by a link of Gradio's.
    """
    hosts = name_hosts(host, root_path, share)
    door = Middleware(Door, readings=readings, inputs=count_inputs(demo), hosts=hosts)
    about = About(readings)
    return {
        "server_name": host,
        "root_path": root_path,
        "share": share,
        "app_kwargs": {
            "middleware": [door, Middleware(Head, text=write_head(root_path))],
            "routes": [
                Route(f"{API}/upload", receive, methods=["POST"]),
                Route(PREVIEW, show_preview),
                Route(EXAMPLE, show_example),
                Route(f"{ABOUT}model.json", about.name),
                Route(ABOUT + "{name}", about.show),
            ],
            "lifespan": kept_for_a_while,
        },
        "theme": THEME,
        "css_paths": HERE / "page.css",
        "i18n": write_static(missing),
        "favicon_path": HERE / "icon.svg",
        "pwa": True,
        "show_error": True,  # Or programs are not told what is wrong.
        "max_threads": 4 * WAITING,  # Events that may wait at once.
        "state_session_capacity": SESSIONS,
        "enable_monitoring": False,
        "run_history": False,
        "footer_links": ["api"],
        "ssr_mode": False,
    }


def count_inputs(demo: gr.Interface) -> dict[int | None, int]:
    """How many inputs each event of a page has, by its number; None stands for the endpoint."""
    counts: dict[int | None, int] = {}
    for event in demo.get_config_file()["dependencies"]:
        counts[event["id"]] = len(event["inputs"])
        if event["api_name"] == "predict":
            counts[None] = len(event["inputs"])
    return counts


def name_hosts(host: str | None, root_path: str | None, share: bool) -> list[str]:
    """The names that this server is called by, apart from localhost and its addresses.

    Args:
        host: what it listens on.
        root_path: where a proxy in front of it serves it: a path or a whole address.
        share: whether it is shared by a link of Gradio's.
    """
    names = [host, urlsplit(root_path or "").hostname]
    names += os.environ.get("SPACE_HOST", "").split(",")  # Of a Hugging Face Space.
    if share:
        names.append(SHARED_HOST)
    return [name.strip().lower() for name in names if name]
