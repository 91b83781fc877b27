"""The page in another site's iframe, as on a Space: with storage blocked, and as tall as its content."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import Browser, BrowserContext, BrowserType, Route, expect

from visitor.browser import launch_options
from visitor.hand import TWO

LOADS = 4
TALL = 3000  # pixels, more than the page's content


class Frame(BaseHTTPRequestHandler):
    """A page of another site with the app in an iframe; the app's address and the iframe's height are its path."""

    def do_GET(self) -> None:
        app, height = self.path.split("?")
        content = f'<!doctype html><iframe src="http:/{app}" width="1200" height="{height}"></iframe>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *values: object) -> None:
        pass


def loads_that_answer(chromium: BrowserType, app_url: str, loads: int) -> int:
    """Return the number of loads, each as a new visitor, in which a drawn 2 is read as a 2."""
    options = launch_options()
    # Third-party storage is blocked, as for visitors of the Hub who block third-party cookies.
    options["args"] = [*options["args"], "--test-third-party-cookie-phaseout", "--block-third-party-cookies"]
    with other_site() as site:
        browser = chromium.launch(**options)
        answered = sum(_answers(browser, site, app_url) for _ in range(loads))
        browser.close()
    return answered


@contextmanager
def other_site() -> Generator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Frame) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


def open_in_frame(context: BrowserContext, site: str, app_url: str, height: int):
    """Open the site's page; return it and the app's frame once the sheet is ready."""
    context.route(f"{app_url}/", _allow_framing)
    page = context.new_page()
    page.goto(f"{site}/{app_url.removeprefix('http://')}?{height}")
    frame = page.frame_locator("iframe")
    frame.locator("#pad .hint").wait_for(timeout=60_000)
    return page, frame


def _answers(browser: Browser, site: str, app_url: str) -> bool:
    context = browser.new_context(viewport={"width": 1280, "height": 950})
    # Every access to storage in the app's frame throws.
    context.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, "
        "{ get() { throw new DOMException('The storage is blocked.', 'SecurityError'); } });"
    )
    page, frame = open_in_frame(context, site, app_url, 900)
    canvas = frame.locator("#pad .sheet > canvas")
    canvas.click(trial=True)
    box = canvas.bounding_box()
    path = [(box["x"] + x * box["width"] / 280, box["y"] + y * box["height"] / 280) for x, y in TWO]
    page.mouse.move(*path[0])
    page.mouse.down()
    for point in path[1:]:
        page.mouse.move(*point, steps=4)
    page.mouse.up()
    digit = frame.locator("#answer .digit")
    digit.filter(has_text="2").wait_for(timeout=20_000)
    context.close()
    return True


def _allow_framing(route: Route) -> None:
    """Allow framing, which the app only allows on a Space."""
    response = route.fetch()
    policy = response.headers["content-security-policy"].replace("frame-ancestors 'self'", "frame-ancestors *")
    route.fulfill(response=response, headers=response.headers | {"content-security-policy": policy})


def test_every_load_with_storage_blocked_draws_and_answers(browser, app_url):
    assert loads_that_answer(browser.browser_type, app_url, LOADS) == LOADS


def test_in_an_iframe_as_tall_as_its_content_an_opened_explanation_is_scrolled_into_view(browser, app_url):
    context = browser.new_context(viewport={"width": 1280, "height": 700}, reduced_motion="reduce")
    with other_site() as site:
        page, frame = open_in_frame(context, site, app_url, TALL)
        frame.locator("#pad .sheet > canvas").click()  # a dot, which is read too
        expect(frame.locator("#teach button").first).to_be_enabled()
        page.evaluate("scrollTo(0, 0)")
        button = frame.locator("[data-open=neighbours]")
        button.evaluate("button => button.click()")  # without the scrolling of a real click
        explanation = frame.locator("#neighbours .body")
        explanation.locator("li").first.wait_for()
        expect(explanation).to_be_in_viewport(ratio=0.9)
        assert page.evaluate("scrollY") > 0
        context.close()
