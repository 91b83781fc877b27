"""The page's Chinese translation: the scripts that the page's head needs for it.

All texts are written in English where they belong. zh.json is the table from English to Simplified Chinese, in which
language.js looks up every text that appears on the page.
"""

import json
from pathlib import Path

FOLDER = Path(__file__).parent
CHINESE: dict[str, str] = json.loads((FOLDER / "zh.json").read_text("utf-8"))
HEAD = (
    f"<script>window.lenetChinese = {json.dumps(CHINESE, ensure_ascii=False)};</script>"
    f"<script>{(FOLDER / 'language.js').read_text('utf-8')}</script>"
)
