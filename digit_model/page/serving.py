"""Open the model, and collect the options of Gradio's `launch`."""

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import gradio as gr
from starlette.middleware import Middleware
from starlette.routing import Route

import digit_model
from digit_model.limits import MAX_SESSIONS, MAX_WAITING
from digit_model.page.about import About, write_static
from digit_model.page.door import ABOUT_PATH, API, EXAMPLE_PATH, PREVIEW_PATH, SHARED_HOST, Door
from digit_model.page.examples import show_example
from digit_model.page.head import Head, show_preview, write_head
from digit_model.page.readings import Readings, Served, name_model
from digit_model.page.texts import Texts
from digit_model.page.uploads import kept_for_a_while, receive

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
# System fonts, so that the page loads nothing from other hosts.
THEME = gr.themes.Soft(
    font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
).set(
    # The theme's own colours have too little contrast (WCAG 2.2, AA).
    body_text_color_subdued="*neutral_600",
    block_label_text_color="*primary_700",
)


def prepare_environment() -> None:
    """Switch off Gradio's event statistics: it makes them with pandas, and nothing shows them."""
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(sys.maxsize)
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"


def open_model(model: str | None, revision: str | None) -> tuple[Served, str]:
    """Open the model to serve; also return the requested name if it cannot be reached, or ""."""
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
    """Return the arguments of `demo.launch`, except the port.

    Args:
        demo: the page.
        readings: the page's readings.
        missing: the name of the requested model if it cannot be reached, or "".
        host: the address to listen on.
        root_path: where a proxy serves the page: a path or a full URL.
        share: whether to make a public link.
    """
    space_hosts = os.environ.get("SPACE_HOST", "").split(",")  # Set in a Hugging Face Space.
    address = f"https://{space_hosts[0]}" if space_hosts[0] else root_path
    hosts = name_hosts([host, *space_hosts], root_path, share)
    door = Middleware(Door, readings=readings, inputs=count_inputs(demo), hosts=hosts)
    about = About(readings)
    return {
        "server_name": host,
        "root_path": root_path,
        "share": share,
        "app_kwargs": {
            "middleware": [door, Middleware(Head, text=write_head(address))],
            "routes": [
                Route(f"{API}/upload", receive, methods=["POST"]),
                Route(PREVIEW_PATH, show_preview),
                Route(EXAMPLE_PATH, show_example),
                Route(f"{ABOUT_PATH}model.json", about.name),
                Route(ABOUT_PATH + "{name}", about.show),
            ],
            "lifespan": kept_for_a_while,
        },
        "theme": THEME,
        "css_paths": HERE / "page.css",
        "i18n": write_static(missing),
        "favicon_path": HERE / "icon.svg",
        "pwa": True,
        "show_error": True,  # Else programs get no error message.
        "max_threads": 4 * MAX_WAITING,  # Number of events that may wait at once.
        "state_session_capacity": MAX_SESSIONS,
        "enable_monitoring": False,
        "run_history": False,
        "footer_links": ["api"],
        "ssr_mode": False,
    }


def count_inputs(demo: gr.Interface) -> dict[int | None, int]:
    """Map event numbers to their number of inputs; None stands for the public endpoint."""
    counts: dict[int | None, int] = {}
    for event in demo.get_config_file()["dependencies"]:
        counts[event["id"]] = len(event["inputs"])
        if event["api_name"] == "predict":
            counts[None] = len(event["inputs"])
    return counts


def name_hosts(known: Sequence[str | None], root_path: str | None, share: bool) -> list[str]:
    """List the host names of this server, beside localhost and its addresses.

    Args:
        known: the address to listen on, and the names that a Space gives; empty ones are left out.
        root_path: where a proxy serves the page: a path or a full URL.
        share: whether there is a public link.
    """
    names = [*known, urlsplit(root_path or "").hostname]
    if share:
        names.append(SHARED_HOST)
    return [name.strip().lower() for name in names if name]
