"""The page in Chinese: the table is complete, and no English is left on the page."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import expect

from demo.explain.explanations import EXPLANATIONS
from demo.page import CHINESE
from visitor.hand import TWO, draw, expect_digit

EXPLANATION_NAMES = [explanation.name for explanation in EXPLANATIONS]
ROOT = Path(__file__).resolve().parent.parent
PLACEHOLDER = re.compile(r"\{\w+\}")
# Files whose sentences are only for programs and the shell.
NOT_ON_THE_PAGE = {"api.py", "calls.py", "guard.py", "limits.py", "log.py", "server.py", "svg.py"}
# Files of lenet whose sentences appear on the page.
SHOWN_ON_THE_PAGE = (
    "mnist.py",
    "network/checkpoint.py",
    "network/decision.py",
    "network/device.py",
    "reading/files.py",
    "reading/number.py",
    "reading/picture.py",
    "reading/segments.py",
    "training/teaching.py",
)
FOR_PROGRAMS = ("The data URL is", "The device must be", "This machine has no", "A unit must be an object")
# Beginnings of sentences whose variable parts are words: the table has all variants of them.
WITH_VARIABLE_WORDS = ("On your drawing", "I read ", "The 7 most similar", "7 most similar", "Someone else is training")
# Not translated: names, stages, code, units and keys.
NAMES = re.compile(
    r"LeNet-5|MNIST|safetensors|base64|JPEG|WebP|GIF|BMP|DeepLIFT|ReLU|softmax|logit|AdamW|SGD|ONNX|JSON|PNG|SVG|CPU"
    r"|AVIF|TIFF|HEIC|NumPy|IDX|CSV|Keras|PyTorch|pickle|Git LFS|'git lfs pull'"
    r"|from safetensors\.torch import.*|state dict"
    r"|GPU|API|Gradio|Ctrl|Shift|Delete|log10|LeCun|Hugging Face|Bottou|Bengio|Haffner"
    r"|python -m lenet\.train.*|\b(C1|S2|C3|S4|C5|F6)\b|\b[A-Z]\b"
)
LATIN = re.compile(r"[A-Za-z]{2,}")
# All texts that the page shows, and the attributes that screen readers read.
TEXTS = """() => {
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  const texts = new Set();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) {
      if (!node.parentElement.closest("head, script, style, textarea, [translate=no]")) texts.add(node.data.trim());
    } else if (node.tagName !== "LINK") {
      for (const name of ["aria-label", "title", "alt", "placeholder"]) texts.add(node.getAttribute(name) ?? "");
      if (node.tagName === "INPUT" && node.type === "text") texts.add(node.value);
    }
  }
  return [...texts];
}"""


def english_in(texts) -> list[str]:
    return sorted({text for text in texts if LATIN.search(NAMES.sub("", text))})


def test_both_languages_have_the_same_placeholders():
    for english, chinese in CHINESE.items():
        assert sorted(PLACEHOLDER.findall(english)) == sorted(PLACEHOLDER.findall(chinese)), english
        assert re.search(r"[\u4e00-\u9fff]", chinese) or not LATIN.search(PLACEHOLDER.sub("", chinese)), english


def sentences(file: Path) -> Iterator[str]:
    """Return the sentences in a Python file, with a number in place of each variable part."""
    tree = ast.parse(file.read_text("utf-8"))
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in ast.walk(node)} - {id(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
        else:
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if re.search(r"[a-z] \S.*[.?…]$", text) and not text.startswith((*FOR_PROGRAMS, *WITH_VARIABLE_WORDS)):
            yield re.sub(r"^[7 ]+(?=[A-Z])", "", text)  # the variable part before it is another sentence


def test_no_english_is_left_on_the_page_and_every_sentence_has_a_translation(visit):
    page = visit(locale="zh-CN")
    files = [file for file in (ROOT / "demo").rglob("*.py") if file.name not in NOT_ON_THE_PAGE]
    files += [ROOT / "lenet" / name for name in SHOWN_ON_THE_PAGE]
    english = sorted({sentence for file in files for sentence in sentences(file)})
    assert len(english) > 80
    untranslated = english_in(page.evaluate("(texts) => texts.map(lenetLanguage.say)", english))
    assert not untranslated, "\n".join(untranslated)

    expect(page.locator("#answer .words")).to_have_text("写一个数字。")
    draw(page, TWO)
    expect_digit(page, 2)
    expect(page.locator("#answer .words")).to_have_text(re.compile("^我认为是 2，"))
    page.locator("#figure .S2 .map").nth(2).hover()
    texts = set(page.evaluate(TEXTS))
    for name in EXPLANATION_NAMES:
        page.locator(f"[data-open={name}]").click()
        page.locator(f"#{name} .body :not(:empty)").first.wait_for()
        while name == "tour" and page.locator("#tour .back").is_visible():
            texts |= set(page.evaluate(TEXTS))
            page.locator("#tour .next").click()
        texts |= set(page.evaluate(TEXTS))
    page.locator("#share [data-do=copy]").click()
    expect(page.locator("#share [role=status]")).not_to_be_empty()
    page.evaluate("location.hash = 'broken'")
    expect(page.locator("#answer .words")).to_have_text(re.compile("^这个链接里没有画"))
    texts |= set(page.evaluate(TEXTS))
    assert english_in(texts) == []
    assert page.locator("html").get_attribute("lang") == "zh-CN"


def test_in_other_browsers_the_page_stays_english(page):
    assert page.evaluate("lenetLanguage.say('Draw a digit.')") == "Draw a digit."
    assert not any(re.search(r"[\u4e00-\u9fff]", text) for text in page.evaluate(TEXTS))
