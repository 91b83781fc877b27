"""The page in Chinese: what goes into its head so that a browser that prefers Chinese shows it so.

The page is written in English, in the rooms where each text belongs. zh.json is the one table of all of them, from
English to Simplified Chinese; language.js looks up there whatever text appears on the page.
"""

import json
from pathlib import Path

FOLDER = Path(__file__).parent
CHINESE: dict[str, str] = json.loads((FOLDER / "zh.json").read_text("utf-8"))
HEAD = (
    f"<script>window.lenetChinese = {json.dumps(CHINESE, ensure_ascii=False)};</script>"
    f"<script>{(FOLDER / 'language.js').read_text('utf-8')}</script>"
)
