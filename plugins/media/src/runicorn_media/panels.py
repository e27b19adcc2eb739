"""What the plugin draws in the web interface."""

from __future__ import annotations

from pathlib import Path

from runicorn.contracts.panels import Panel, Static

_TITLES = {
    "image": ("Boxes and masks", "边框与掩码"),
    "audio": ("Audio", "音频"),
    "video": ("Video", "视频"),
    "table": ("Tables", "表格"),
    "histogram": ("Histograms", "直方图"),
    "figure": ("Figures", "图形"),
    "text": ("Texts", "文本"),
    "html": ("Pages", "网页"),
}


def panels() -> Static:
    return Static(
        Path(__file__).parent / "static",
        panels=tuple(
            Panel(f"media.{kind}", title, slot="media", titles={"zh-CN": chinese})
            for kind, (title, chinese) in _TITLES.items()
        ),
    )
