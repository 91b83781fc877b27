"""The static site: the page's panels without a server, under a path, in Chromium and in Firefox."""

import json
import shutil
import subprocess
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from demo.page import HEAD
from hosting.site.build import build
from hosting.site.template import fill
from tests.conftest import ROOT
from visitor.hand import SEVEN, TWO, draw, expect_digit, expect_words

MAX_BYTES = 800_000  # bytes
FULL = "https://example.org/full"
SECONDS = 120
# Draws a 2 with pointer events, and reports what the page shows to the server.
DRIVER = """
<script type="module">
HTMLCanvasElement.prototype.setPointerCapture = () => {};
const errors = [];
addEventListener("error", ({ message }) => errors.push(message));
const until = async (ready) => { while (!ready()) await new Promise((later) => setTimeout(later, 20)); };
await until(() => document.body.matches("[data-ready]"));
const canvas = document.querySelector("#pad .sheet canvas");
const send = (name, [x, y]) => {
  const box = canvas.getBoundingClientRect();
  const [clientX, clientY] = [box.left + (x * box.width) / 280, box.top + (y * box.height) / 280];
  canvas.dispatchEvent(new PointerEvent(name, { pointerId: 7, pointerType: "mouse", buttons: 1, clientX, clientY }));
};
send("pointerdown", POINTS[0]);
POINTS.forEach((point) => send("pointermove", point));
send("pointerup", POINTS.at(-1));
await until(() => document.querySelector("#answer .digit").textContent);
const painted = (canvas) => {
  const { width, height } = canvas;
  const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, width, height).data.buffer);
  return new Set(pixels).size > 8;
};
const hosts = performance.getEntriesByType("resource").map(({ name }) => new URL(name).host);
await fetch("report", { method: "POST", body: JSON.stringify({
  digit: document.querySelector("#answer .digit").textContent,
  painted: [...document.querySelectorAll("#figure [data-stage] .cards > canvas")].filter(painted).length,
  hosts: [...new Set(hosts)],
  host: location.host,
  browser: navigator.userAgent,
  errors,
}) });
</script>
""".replace("POINTS", json.dumps(TWO))


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A folder that contains the site in a subfolder, to serve it under a path."""
    folder = tmp_path_factory.mktemp("host")
    build(folder / "digits" / "live", FULL)
    return folder


class Files(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *values: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(site) -> Iterator[str]:
    with serving(partial(Files, directory=str(site))) as server:
        yield f"http://127.0.0.1:{server.server_port}/digits/live/"


@contextmanager
def serving(handler) -> Generator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def open_site(browser, address) -> Iterator:
    """Open the site with a fragment; the test fails on a console error or a request to another host."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    problems = []

    def open_site(fragment: str = "") -> Page:
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda fault: problems.append(str(fault)))
        page.on("request", lambda request: request.url.startswith(address) or problems.append(request.url))
        page.goto(address + fragment)
        page.locator("#pad .sheet canvas").first.wait_for()
        return page

    yield open_site
    context.close()
    assert not [problem for problem in problems if not problem.startswith(("data:", "blob:"))]


def test_the_site_reads_a_drawing_and_shows_every_map(open_site):
    page = open_site()
    page.locator("#pad .hint").wait_for()
    draw(page, TWO)
    expect_digit(page, 2)
    expect_words(page, "I read a 2")
    for stage in ("input", "C1", "S2", "C3", "S4", "C5", "F6", "output"):
        canvas = page.locator(f"#figure [data-stage={stage}] .cards > canvas")
        colours = canvas.evaluate(
            "(canvas) => new Set(new Uint32Array(canvas.getContext('2d')"
            ".getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size"
        )
        assert colours > 8, stage


def test_the_network_of_1998_answers_too(open_site):
    page = open_site()
    page.locator("#pad .hint").wait_for()
    page.locator("#network_switch select").select_option("1998")
    draw(page, SEVEN)
    expect(page.locator("#answer-1998 .digit")).to_have_text("7")


def test_a_copied_link_draws_the_digit_again(open_site, address):
    page = open_site()
    page.locator("#pad .hint").wait_for()
    draw(page, TWO)
    expect_digit(page, 2)
    page.locator("#share [data-do=copy]").click()
    expect(page.locator("#share [role=status]")).to_contain_text("copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{address}#1.")
    again = open_site(link.removeprefix(address))
    expect_digit(again, 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [("#1.Dm1uaXN0LXRlc3QvNTgyCEjgA-ADgAoAU30", "holds a picture"), ("#1.broken", "holds no drawing")],
)
def test_a_link_that_cannot_be_opened_here_says_why(open_site, text, words):
    expect_words(open_site(text), words)


def test_a_note_names_the_missing_parts_and_the_address_of_the_whole_page(open_site):
    page = open_site()
    expect(page.locator("#teach a")).to_have_attribute("href", FULL)
    for missing in ("#retrain", "#look", "#pictures"):
        assert page.locator(missing).count() == 0
    for hidden in ("#pad [data-do=number]", "#share [data-do=poster]"):
        expect(page.locator(hidden)).to_be_hidden()


@pytest.mark.slow
def test_firefox_reads_a_digit_too(site, tmp_path):
    firefox = shutil.which("firefox-esr") or shutil.which("firefox")
    if firefox is None:
        pytest.skip("There is no Firefox on this machine.")
    report, arrived = {}, threading.Event()
    index = (site / "digits" / "live" / "index.html").read_text("utf-8").replace("</body>", f"{DRIVER}</body>")

    class WithDriver(Files):
        def do_GET(self) -> None:
            if self.path.endswith("/live/"):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(index.encode())
            else:
                super().do_GET()

        def do_POST(self) -> None:
            report.update(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()
            arrived.set()

    with serving(partial(WithDriver, directory=str(site))) as server:
        command = [firefox, "--headless", "--no-remote", "--profile", str(tmp_path)]
        command.append(f"http://127.0.0.1:{server.server_port}/digits/live/")
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            reported = arrived.wait(SECONDS)
            process.terminate()
    assert reported, "Firefox has not reported"
    assert "Firefox" in report["browser"]
    assert report["digit"] == "2"
    assert report["painted"] == 8
    assert report["hosts"] == [report["host"]]
    assert report["errors"] == []


def test_the_site_is_small_and_uses_the_pages_scripts_and_styles(site):
    folder = site / "digits" / "live"
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < MAX_BYTES
    copied = [path for path in files if path.suffix in (".js", ".css") and "demo" in path.parts]
    assert len(copied) == 14
    for path in copied:
        assert path.read_bytes() == (ROOT / path.relative_to(folder)).read_bytes()
    assert HEAD in (folder / "index.html").read_text("utf-8")


def test_a_folder_with_other_files_is_not_changed(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(SystemExit, match="holds something else"):
        build(tmp_path)
    assert (tmp_path / "thesis.tex").exists()


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("<b>{{name}}</b>", "<b>a &lt; b</b>"),
        ("{{#each list}}<i>{{this}}{{../name}}</i>{{/each}}", "<i>1a &lt; b</i><i>2a &lt; b</i>"),
        ("{{#each rows}}{{cell.at}};{{/each}}{{none}}", "3;;"),
        ("{{#if list.length}}yes{{/if}}{{#if none.length}}no{{/if}}{{#if off}}no{{/if}}", "yes"),
        ("{{#each rows}}{{#if cell}}{{#each ../list}}{{this}}{{/each}}{{/if}}{{/each}}", "12"),
    ],
)
def test_a_template_is_filled_as_by_handlebars(template, filled):
    values = {"name": "a < b", "list": [1, 2], "rows": [{"cell": {"at": 3}}, {}], "off": False}
    assert fill(template, values) == filled


def test_a_template_with_an_unknown_tag_is_refused():
    with pytest.raises(ValueError, match="not supported"):
        fill("{{> other}}", {})
