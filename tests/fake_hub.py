"""A fake Hub on loopback with the calls needed to publish a Space; it is as strict about binary files as the Hub."""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "hf_fake"


class FakeHub(ThreadingHTTPServer):
    """One account's Spaces: `spaces` has their files, `created` the requests that created them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spaces: dict[str, dict[str, bytes]] = {}
        self.created: dict[str, dict] = {}
        self.hardware: dict[str, str] = {}
        self.refuse: int | None = None  # the status that creating a Space is answered with
        self.large: dict[str, bytes] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def fake_hub() -> Generator[FakeHub]:
    hub = FakeHub()
    thread = threading.Thread(target=hub.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: FakeHub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if found := re.fullmatch(r"/api/spaces/([^/]+/[^/]+)/tree/main\?.*", self.path):
            files = self.server.spaces[found[1]]
            return self._answer([_entry(path, content) for path, content in files.items()])
        if found := re.fullmatch(r"/api/spaces/([^/]+/[^/]+)/revision/main.*", self.path):
            return self._answer({"id": found[1], "sha": "0" * 40, "siblings": []})
        return self._answer({"error": f"GET {self.path} is not known here."}, 404)

    def do_PUT(self) -> None:
        self.server.large[self.path.split("/")[-1]] = self._body()
        self._answer({})

    def do_POST(self) -> None:
        body = self._body()
        if not self.path.startswith("/api/validate-yaml") and self.headers["Authorization"] != f"Bearer {TOKEN}":
            return self._answer({"error": "Invalid user token."}, 401)
        for pattern, act in _CALLS.items():
            if found := re.fullmatch(pattern, self.path):
                return self._answer(*act(self.server, body, *found.groups()))
        return self._answer({"error": f"POST {self.path} is not known here."}, 404)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, value: object, status: int = 200) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if status >= 400:
            self.send_header("X-Error-Message", value["error"])
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *values: object) -> None:
        pass


def _entry(path: str, content: bytes) -> dict:
    return {"type": "file", "path": path, "size": len(content), "oid": _git_oid(content)}


def _git_oid(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError as fault:
        return fault.end == len(content) and fault.start > len(content) - 4  # a sample may end inside a character


def _create(hub: FakeHub, body: bytes) -> tuple:
    request = json.loads(body)
    space = f"{request['organization']}/{request['name']}"
    if hub.refuse:
        return {"error": "Refused."}, hub.refuse
    if space in hub.spaces:
        return {"error": "You already created this space repo.", "url": f"{hub.url}/spaces/{space}"}, 409
    hub.created[space] = request
    hub.spaces[space] = {".gitattributes": b"", "README.md": b"---\n---\n"}
    return {"url": f"{hub.url}/spaces/{space}", "name": space, "id": space}, 200


def _preupload(hub: FakeHub, body: bytes, space: str) -> tuple:
    files = []
    for file in json.loads(body)["files"]:
        text = _is_text(base64.b64decode(file["sample"])) and file["size"] < 10_000_000
        existing = hub.spaces[space].get(file["path"])
        oid = None if existing is None else _git_oid(existing) if text else hashlib.sha256(existing).hexdigest()
        mode = "regular" if text else "lfs"
        files.append({"path": file["path"], "uploadMode": mode, "shouldIgnore": False, "oid": oid})
    return {"files": files}, 200


def _batch(hub: FakeHub, body: bytes, space: str) -> tuple:
    objects = [
        {**each, "authenticated": True, "actions": {"upload": {"href": f"{hub.url}/large/{each['oid']}", "header": {}}}}
        for each in json.loads(body)["objects"]
    ]
    return {"transfer": "basic", "objects": objects}, 200


def _commit(hub: FakeHub, body: bytes, space: str) -> tuple:
    files = hub.spaces[space]
    for line in map(json.loads, body.decode().splitlines()):
        key, value = line["key"], line["value"]
        if key == "file":
            content = base64.b64decode(value["content"])
            if not _is_text(content):
                return {"error": f"Your push was rejected because {value['path']} is binary."}, 400
            files[value["path"]] = content
        elif key == "lfsFile":
            files[value["path"]] = hub.large[value["oid"]]
        elif key == "deletedFile":
            del files[value["path"]]
    oid = "0" * 40
    return {"success": True, "commitOid": oid, "commitUrl": f"{hub.url}/spaces/{space}/commit/{oid}"}, 200


def _hardware(hub: FakeHub, body: bytes, space: str) -> tuple:
    hub.hardware[space] = json.loads(body)["flavor"]
    return {"stage": "RUNNING", "hardware": {"current": None, "requested": hub.hardware[space]}}, 200


_CALLS = {
    r"/api/repos/create": _create,
    r"/api/validate-yaml": lambda hub, body: ({"errors": [], "warnings": []}, 200),
    r"/api/spaces/([^/]+/[^/]+)/preupload/main": _preupload,
    r"/spaces/([^/]+/[^/]+)\.git/info/lfs/objects/batch": _batch,
    r"/api/spaces/([^/]+/[^/]+)/commit/main": _commit,
    r"/api/spaces/([^/]+/[^/]+)/hardware": _hardware,
}
