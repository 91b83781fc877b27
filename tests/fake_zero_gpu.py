"""A fake of ZeroGPU's service on loopback, for the real package `spaces`."""

import json
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

GRANT = {"idle": True, "nvidiaIndex": 0, "nvidiaUUID": "GPU-0", "allowToken": "token"}


class FakeService(ThreadingHTTPServer):
    """Answers /schedule by `mode`: grant, quota, illegal, none (no GPU), queue (until it fails or the visitor
    leaves)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mode = "grant"
        self.queries: list[dict[str, str]] = []  # of /schedule
        self.released = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: FakeService

    def log_message(self, *_):
        pass

    def do_POST(self):
        address = urlsplit(self.path)
        if address.path == "/schedule":
            self.server.queries.append({name: values[0] for name, values in parse_qs(address.query).items()})
            getattr(self, f"schedule_{self.server.mode}")()
        else:
            self.server.released += address.path == "/release"
            self.answer(200, {})

    def answer(self, status: int, value: dict, **headers: str):
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"content-type": "application/json", "content-length": str(len(body)), **headers}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def schedule_grant(self):
        self.answer(200, GRANT)

    def schedule_quota(self):
        self.answer(429, {"left": 3, "wait": "PT3H"}, **{"X-Approve-Result": "quota-exceeded"})

    def schedule_illegal(self):
        self.answer(429, {"left": 3, "wait": -1})

    def schedule_none(self):
        self.answer(503, {})

    def schedule_queue(self):
        self.stream(pings=100)

    def schedule_failing_queue(self):
        self.stream(pings=1)

    def stream(self, pings: int):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        with suppress(OSError):  # the visitor may leave the queue
            for _ in range(pings):
                self.wfile.write(b"event: ping\n\n")
                self.wfile.flush()
                time.sleep(0.05)
            self.wfile.write(b"event: failed\n\n")
