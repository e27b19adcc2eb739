"""The plugin's section of the configuration."""

from __future__ import annotations

from attrs import field, frozen
from runicorn.config import about


def _seconds(section: object, attribute: object, value: float) -> None:  # noqa: ARG001 (attrs calls it so)
    if not value >= 0:
        raise ValueError("a number of seconds from 0 on is expected")


@frozen
class ArtifactsSection:
    """Where versions of models and data are kept."""

    store: str = field(
        default="",
        metadata=about(
            "an address such as file:///data/artifacts or s3://bucket; empty: in the storage root",
            zh="地址，例如 file:///data/artifacts 或 s3://bucket；留空则保存在存储目录中",
        ),
    )
    gc_grace: float = field(
        default=86_400.0,
        validator=_seconds,
        metadata=about(
            "age in seconds from which what nothing refers to may be removed", zh="没有被引用的内容超过多少秒后可以删除"
        ),
    )
