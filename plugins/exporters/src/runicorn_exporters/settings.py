"""The plugin's section of the configuration."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen
from runicorn.config import about


@frozen
class ExportersSection:
    """What may be brought in, and how reports read."""

    import_folders: tuple[str, ...] = field(
        default=(),
        metadata=about(
            "folders of this machine below which the viewer may import; none: uploads only",
            zh="查看器可以从中导入的本机文件夹；为空则只能上传",
        ),
    )
    report_language: Literal["en", "zh-CN"] = field(
        default="en",
        metadata=about("language of HTML and Markdown reports", zh="HTML 和 Markdown 报告的语言"),
    )
