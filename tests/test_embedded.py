"""The page in the iframe of another site with storage blocked, as on a Space in a private window."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import Browser, BrowserType, Route

from visitor.browser import launch_options
from visitor.hand import TWO

LOADS = 4


class Frame(BaseHTTPRequestHandler):
    """A page of another site with the app in an iframe; the app's address is its path."""

    def do_GET(self) -> None:
        content = f'<!doctype html><iframe src="http:/{self.path}" width="1200" height="900"></iframe>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *values: object) -> None:
        pass


def loads_that_answer(chromium: BrowserType, app_url: str, loads: int) -> int:
    """The number of loads, each as a new visitor, in which a drawn 2 is read as a 2."""
    options = launch_options()
    # Third-party storage is blocked, as where the Hub shows a Space to somebody who blocks third-party cookies.
    options["args"] = [*options["args"], "--test-third-party-cookie-phaseout", "--block-third-party-cookies"]
    with ThreadingHTTPServer(("127.0.0.1", 0), Frame) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = chromium.launch(**options)
        good = sum(_answers(browser, f"http://localhost:{server.server_port}", app_url) for _ in range(loads))
        browser.close()
        server.shutdown()
    return good


def _answers(browser: Browser, site: str, app_url: str) -> bool:
    context = browser.new_context(viewport={"width": 1280, "height": 950})
    # Every access to storage throws, in the app's frame.
    context.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, "
        "{ get() { throw new DOMException('The storage is blocked.', 'SecurityError'); } });"
    )
    context.route(f"{app_url}/", _allow_framing)
    page = context.new_page()
    page.goto(f"{site}/{app_url.removeprefix('http://')}")
    frame = page.frame_locator("iframe")
    canvas = frame.locator("#pad .sheet > canvas")
    frame.locator("#pad .hint").wait_for(timeout=60_000)
    canvas.click(trial=True)
    box = canvas.bounding_box()
    at = [(box["x"] + x * box["width"] / 280, box["y"] + y * box["height"] / 280) for x, y in TWO]
    page.mouse.move(*at[0])
    page.mouse.down()
    for point in at[1:]:
        page.mouse.move(*point, steps=4)
    page.mouse.up()
    digit = frame.locator("#answer .digit")
    digit.filter(has_text="2").wait_for(timeout=20_000)
    context.close()
    return True


def _allow_framing(route: Route) -> None:
    """On a visitor's own machine, where tests run, the app forbids what it allows on a Space."""
    response = route.fetch()
    policy = response.headers["content-security-policy"].replace("frame-ancestors 'self'", "frame-ancestors *")
    route.fulfill(response=response, headers=response.headers | {"content-security-policy": policy})


def test_every_load_with_storage_blocked_draws_and_answers(browser, app_url):
    assert loads_that_answer(browser.browser_type, app_url, LOADS) == LOADS
