"""The environment's proxies, which httpx reads as soon as Gradio is imported. Imports nothing itself."""

from collections.abc import MutableMapping

PROXIES = ("http_proxy", "https_proxy", "all_proxy")
HERE = "localhost,127.0.0.1,::1"


def do_without_proxies(environment: MutableMapping[str, str], share: bool) -> None:
    """Let no proxy come between this program and itself: Gradio asks its own address whether it has started.

    Without --share nothing else is asked of any host, so that proxies that don't answer, or that need a package that
    is not there, do no harm.
    """
    for name in PROXIES:
        for variable in (name, name.upper()):
            if not share:
                environment.pop(variable, None)
    for variable in ("no_proxy", "NO_PROXY"):
        environment[variable] = ",".join(filter(None, (HERE, environment.get(variable))))
