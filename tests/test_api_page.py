"""docs/api.md is correct: each of its examples is run."""

import re
import subprocess

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.+?)```", PAGE, re.DOTALL)


def with_url(example: str, app_url: str) -> str:
    assert "http://127.0.0.1:7860" in example
    return example.replace("http://127.0.0.1:7860", app_url)


def test_the_python_example(app_url, capsys):
    (program,) = examples("python")
    exec(with_url(program, app_url), {})
    _, classified, explained, *progress, answer = capsys.readouterr().out.splitlines()  # the first says "Loaded as API"
    assert classified.startswith("7 0.9")
    assert float(explained.split()[0]) > 0
    assert len(progress) > 3
    assert answer in [*"0123456789", "None"]


def test_the_curl_example(app_url):
    (command,) = examples("bash")
    ran = subprocess.run(["bash", "-e", "-c", with_url(command, app_url)], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0
    for expected in (r'"digit": 7', r'"reason": null', r'"against": 9', "event: generating", r'"weights": "\S{20,}"'):
        assert re.search(expected, ran.stdout), expected


def test_the_javascript_example(app_url, browser):
    (program,) = examples("javascript")
    page = browser.new_page()
    page.goto(f"{app_url}/health")
    lines = []
    page.on("console", lambda message: lines.append(message.text))
    page.evaluate(f"async () => {{ {with_url(program, app_url)} }}")
    page.close()
    assert lines[0].startswith("7 0.9")
    assert float(lines[1]) > 0
    assert len(lines) > 4
    assert re.search(r" \S{20,}$", lines[-1]) or re.search(r" \S{20,}$", lines[-2])


def test_every_file_that_is_named_exists():
    for name in re.findall(r"\]\((?!http)([^)]+)\)", PAGE):
        assert (ROOT / "docs" / name).exists(), name
