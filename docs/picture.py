"""Takes the README's picture of the page, `docs/page.png`: `python -m docs.picture`."""

from pathlib import Path

from benchmarks.page import open_page
from visitor.hand import draw, expect_digit

THREE = [
    (85, 85),
    (120, 58),
    (165, 62),
    (180, 95),
    (150, 128),
    (120, 136),
    (160, 142),
    (190, 178),
    (165, 222),
    (90, 215),
]


def main() -> None:
    with open_page(height=960) as page:
        draw(page, THREE)
        expect_digit(page, 3)
        page.screenshot(path=Path(__file__).with_name("page.png"))


if __name__ == "__main__":
    main()
