"""What may come in: which paths, hosts and bodies. Gradio serves more than this page needs.

Nothing but what the page and the public endpoint use is answered. Left out are, among others,
`component_server` (keeps what it is sent in memory), `process_recording` and `deep_link` (keep
files), `file=http://...` and `proxy=` (fetch addresses), and `/run/` and `/api/`, which skip the
queue. `/cancel` and `/reset` are for events that can be stopped, and these last milliseconds.
"""

import ipaddress
import json
import re
import socket
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digit_model.page.bodies import Calls, RefusalError, bound_upload
from digit_model.page.calls import check_call
from digit_model.page.readings import Readings
from digit_model.page.streams import Streams
from digit_model.page.uploads import is_upload

API = "/gradio_api"
FILE = f"{API}/file="
PREVIEW, EXAMPLE, ABOUT = "/preview.jpg", "/example.jpg", "/about/"
PAGES = re.compile(
    r"/|/config/?|/(assets|static)/.+|/(theme\.css|favicon\.ico|pwa_icon|manifest\.json|robots\.txt)"
    rf"|{PREVIEW}|{EXAMPLE}|{ABOUT}(\w+\.png|model\.json)|{API}/(info/?|openapi\.json|startup-events|app_id|heartbeat/\w+)"
)
STREAMS = re.compile(rf"{API}/(queue/data|call/predict/\w+)")
CALLS = re.compile(rf"{API}/(queue/join|call/predict/?)")
UPLOADS = re.compile(rf"{API}/upload")
# Gradio's page loads itself from here where it is shared by a link.
SHARED_ASSETS = "https://gradio.s3-us-west-2.amazonaws.com"
SHARED_HOST = ".gradio.live"


class Door:
    """Middleware that lets in what the page needs, and nothing else.

    Args:
        app: what is behind it.
        readings: where the pictures are read.
        inputs: how many inputs each of the page's events has, by its number; None stands for
            the public endpoint.
        hosts: names that this server is called by, apart from localhost and addresses; one with
            a dot in front stands for all names that end so.
    """

    def __init__(
        self,
        app: ASGIApp,
        readings: Readings,
        inputs: Mapping[int | None, int],
        hosts: Sequence[str],
    ) -> None:
        self._app = app
        self._readings = readings
        self._inputs = inputs
        self._hosts = {"localhost", socket.gethostname().lower(), *hosts}
        self._streams = Streams(app, lambda: readings.pending)
        self._calls = Calls()
        assets = f"'self' {SHARED_ASSETS}" if SHARED_HOST in hosts else "'self'"
        # A Space is shown within other sites' pages, so no `frame-ancestors` forbids that.
        self._headers = {
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            # Gradio's page has scripts within it, and makes functions of templates.
            "content-security-policy": f"default-src {assets}; "
            f"script-src {assets} 'unsafe-inline' 'unsafe-eval'; style-src {assets} "
            f"'unsafe-inline'; img-src {assets} data: blob:; font-src {assets} data:; "
            # Gradio's page asks there how the Space is that it is served by.
            f"connect-src {assets} https://huggingface.co; "
            "object-src 'none'; base-uri 'self'; form-action 'self'",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        try:
            await self._let_in(scope, receive, send_guarded)
        except RefusalError as refusal:
            response = JSONResponse({"detail": str(refusal)}, refusal.status)
            await response(scope, receive, send_guarded)

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        method, path = scope.get("method"), scope["path"]
        if not self._is_own_host(headers.get("host", "")):
            raise RefusalError(
                421,
                "Expected a host name that this app was started for. Use the server's address, or "
                "start the app with --root-path https://NAME.",
            )
        if method == "HEAD" and path == "/":
            if self._readings.stopped:
                raise RefusalError(503, "Readings have stopped. Start the app again.")
            await self._app(scope, receive, send)
        elif method == "GET" and PAGES.fullmatch(path):
            if path == "/":
                scope = {**scope, "query_string": b""}  # It may name a file to take a state from.
            await self._app(scope, receive, send)
        elif method == "GET" and path.startswith(FILE) and is_upload(path.removeprefix(FILE)):
            await self._app(scope, receive, send)
        elif method == "GET" and STREAMS.fullmatch(path):
            stream = path
            if path.endswith("data"):
                stream += "?" + scope["query_string"].decode("latin-1")
            if not self._streams.knows(stream):
                raise RefusalError(
                    404, "Expected an answer that was asked for. Send the picture first."
                )
            await self._streams.send(stream, scope, receive, send)
        elif method == "POST" and CALLS.fullmatch(path):
            await self._call(scope, headers, receive, send)
        elif method == "POST" and UPLOADS.fullmatch(path):
            # Without its id, for which Gradio would keep a record of all that arrives.
            scope = {**scope, "query_string": b""}
            await self._app(scope, bound_upload(headers, receive), send)
        else:
            raise RefusalError(404, "Nothing is served here.")

    def _is_own_host(self, host: str) -> bool:
        """Whether a request was meant for this server (against DNS rebinding).

        An address cannot be rebound to another one, so every address will do.
        """
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        if name in self._hosts or any(
            own.startswith(".") and name.endswith(own) for own in self._hosts
        ):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    async def _call(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        """Check a call before anything is made of it, and note that its answer will come."""
        body = await self._calls.read(headers, receive)
        call = check_call(body, self._inputs, in_queue=scope["path"].endswith("join"))
        messages = [{"type": "http.request", "body": body, "more_body": False}]
        said = bytearray()

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        async def listen(message: Message) -> None:
            said.extend(message.get("body", b""))
            if message["type"] == "http.response.body" and b'"event_id"' in said:
                if "session_hash" in call:
                    stream = f"{API}/queue/data?session_hash={call['session_hash']}"
                else:
                    stream = f"{API}/call/predict/{json.loads(said)['event_id']}"
                self._streams.expect(stream)
            await send(message)

        del body
        await self._app(scope, replay, listen)
