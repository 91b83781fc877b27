"""Proxy settings in the environment, which httpx reads when Gradio is imported, so this must not import anything."""

from collections.abc import MutableMapping

PROXIES = ("http_proxy", "https_proxy", "all_proxy")
HERE = "localhost,127.0.0.1,::1"


def do_without_proxies(environment: MutableMapping[str, str], share: bool) -> None:
    """Bypass proxies for requests to this program itself: Gradio requests its own address to see that it has started.

    Without --share there are no other requests, so all proxies are removed: a proxy that does not answer, or needs a
    package that is not installed, can't break the start.
    """
    for name in PROXIES:
        for variable in (name, name.upper()):
            if not share:
                environment.pop(variable, None)
    for variable in ("no_proxy", "NO_PROXY"):
        environment[variable] = ",".join(filter(None, (HERE, environment.get(variable))))
