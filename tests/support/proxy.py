"""A reverse proxy that serves an app under a path, as nginx does."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PREFIX = "/digits"
HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive"}


@contextmanager
def proxied(app_url: str, port: int) -> Iterator[str]:
    """Serve an app at a port of this machine under `PREFIX`; its address there."""
    target = urlsplit(app_url)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith(PREFIX):
                self.send_response(204)  # What else the site serves, such as its icon.
                self.end_headers()
                return
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            connection = http.client.HTTPConnection(str(target.hostname), target.port)
            headers = {name: value for name, value in self.headers.items() if name != "Connection"}
            path = self.path.removeprefix(PREFIX) or "/"
            connection.request(self.command, path, body or None, headers)
            answer = connection.getresponse()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            try:
                while chunk := answer.read1(65536):
                    self.wfile.write(chunk)
                    self.wfile.flush()
            except OSError:
                pass  # The browser needs no more.
            finally:
                connection.close()

        do_POST = do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{port}{PREFIX}/"
    server.shutdown()
    server.server_close()
