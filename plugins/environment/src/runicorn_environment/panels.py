"""What the plugin draws in the web interface: the code that a run kept."""

from __future__ import annotations

from pathlib import Path

from runicorn.contracts.panels import Panel, Static


def panels() -> Static:
    return Static(
        Path(__file__).parent / "static",
        panels=(Panel("environment.code", "Code", slot="media", titles={"zh-CN": "代码"}),),
    )
