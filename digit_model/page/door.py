"""Check requests before Gradio, which serves more than this page needs.

Only what the page and the public endpoint use is allowed. Refused are, among others,
`component_server` (keeps its input in memory), `process_recording` and `deep_link` (keep files),
`file=http://...` and `proxy=` (fetch addresses), and `/run/` and `/api/` (skip the queue).
`/cancel` and `/reset` stop long events, but all events here are short.
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
PREVIEW_PATH, EXAMPLE_PATH, ABOUT_PATH = "/preview.jpg", "/example.jpg", "/about/"
PAGE_PATTERN = re.compile(
    r"/|/config/?|/(assets|static)/.+|/(theme\.css|favicon\.ico|pwa_icon|manifest\.json|robots\.txt)"
    rf"|{PREVIEW_PATH}|{EXAMPLE_PATH}|{ABOUT_PATH}(\w+\.png|model\.json)|{API}/(info/?|openapi\.json|startup-events|app_id|heartbeat/\w+)"
)
STREAM_PATTERN = re.compile(rf"{API}/(queue/data|call/predict/\w+)")
CALL_PATTERN = re.compile(rf"{API}/(queue/join|call/predict/?)")
UPLOAD_PATTERN = re.compile(rf"{API}/upload")
# Gradio's page loads its own files from here if it is shared by a link.
SHARED_ASSETS = "https://gradio.s3-us-west-2.amazonaws.com"
SHARED_HOST = ".gradio.live"


class Door:
    """Middleware that allows only the requests that the page needs.

    Args:
        app: the application behind it.
        readings: the readings, for their state.
        inputs: event number -> number of inputs; None stands for the public endpoint.
        hosts: host names of this server, beside localhost and addresses; a name that starts with
            a dot stands for all its subdomains.
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
        # No `frame-ancestors`: a Space is shown in a frame of another site.
        self._headers = {
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            # Gradio's page has inline scripts, and compiles templates to functions.
            "content-security-policy": f"default-src {assets}; "
            f"script-src {assets} 'unsafe-inline' 'unsafe-eval'; style-src {assets} "
            f"'unsafe-inline'; img-src {assets} data: blob:; font-src {assets} data:; "
            # Gradio's page asks there for the state of its Space.
            f"connect-src {assets} https://huggingface.co; "
            "object-src 'none'; base-uri 'self'; form-action 'self'",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
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
        elif method == "GET" and PAGE_PATTERN.fullmatch(path):
            if path == "/":
                scope = {**scope, "query_string": b""}  # It could name a file to load state from.
            await self._app(scope, receive, send)
        elif method == "GET" and path.startswith(FILE) and is_upload(path.removeprefix(FILE)):
            await self._app(scope, receive, send)
        elif method == "GET" and STREAM_PATTERN.fullmatch(path):
            stream = path
            if path.endswith("data"):
                stream += "?" + scope["query_string"].decode("latin-1")
            if not self._streams.knows(stream):
                raise RefusalError(
                    404, "Expected an answer that was asked for. Send the picture first."
                )
            await self._streams.send(stream, scope, receive, send)
        elif method == "POST" and CALL_PATTERN.fullmatch(path):
            await self._call(scope, headers, receive, send)
        elif method == "POST" and UPLOAD_PATTERN.fullmatch(path):
            # Drop the upload id: Gradio would keep a record of its progress.
            scope = {**scope, "query_string": b""}
            await self._app(scope, bound_upload(headers, receive), send)
        else:
            raise RefusalError(404, "Nothing is served here.")

    def _is_own_host(self, host: str) -> bool:
        """Whether a request was meant for this server (against DNS rebinding).

        An IP address cannot be rebound, so every address is accepted.
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
        """Check a call, pass it on, and expect its answer."""
        body = await self._calls.read(headers, receive)
        call = check_call(body, self._inputs, in_queue=scope["path"].endswith("join"))
        messages = [{"type": "http.request", "body": body, "more_body": False}]
        response = bytearray()

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        async def listen(message: Message) -> None:
            response.extend(message.get("body", b""))
            if message["type"] == "http.response.body" and b'"event_id"' in response:
                if "session_hash" in call:
                    stream = f"{API}/queue/data?session_hash={call['session_hash']}"
                else:
                    stream = f"{API}/call/predict/{json.loads(response)['event_id']}"
                self._streams.expect(stream)
            await send(message)

        del body
        await self._app(scope, replay, listen)
