"""The section ``monitors`` of the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Literal

from attrs import field, frozen
from runicorn.config import about
from runicorn.model.alert import Level

from .rule import AlertRule


def _rules(_: object, __: object, value: Sequence[str]) -> None:
    for text in value:
        AlertRule.parse(text)


def _positive(_: object, __: object, value: float) -> None:
    if not isfinite(value) or value < 0:
        raise ValueError("a number from 0 on is expected")


def _url(_: object, __: object, value: str | None) -> None:
    if value is None:
        return
    from urllib.parse import urlsplit  # 4 ms

    usable = value.startswith(("https://", "http://")) and value.isprintable() and " " not in value
    try:
        parts = urlsplit(value)
        usable = usable and bool(parts.hostname) and parts.port != 0
    except ValueError:  # whose text may hold a part of a password
        usable = False
    if not usable:
        raise ValueError(
            "an address that starts with https:// or http:// is expected, odd characters of a password as %XX"
        )


@frozen
class MonitorsSection:
    """What is watched, and who is told."""

    loss: tuple[str, ...] = field(
        default=("*loss*",),
        metadata=about(
            "metrics that must be finite and should fall; * stands for any text",
            zh="必须有限且应当下降的指标；* 代表任意文本",
        ),
    )
    anomalies: tuple[Literal["divergence", "spike", "plateau"], ...] = field(
        default=("divergence", "spike"),
        metadata=about(
            "what is told of them: divergence, spike, plateau",
            zh="对它们告警的异常：divergence（发散）、spike（尖峰）、plateau（停滞）",
        ),
    )
    spike: float = field(
        default=8.0,
        validator=_positive,
        metadata=about("robust standard deviations from which a value is a spike", zh="偏离多少个稳健标准差算作尖峰"),
    )
    stalled: float = field(
        default=1800.0,
        validator=_positive,
        metadata=about(
            "seconds without any value after which a run is told to stand still; 0: never",
            zh="多少秒没有任何数值后告警；0 表示从不",
        ),
    )
    failed: bool = field(
        default=True,
        metadata=about(
            "a run that fails is an alert, where a webhook is told of them", zh="配置了 webhook 时，运行失败也算告警"
        ),
    )
    rules: tuple[str, ...] = field(
        default=(),
        validator=_rules,
        metadata=about(
            "rules for every run, such as: val/acc lt 0.5 for 3 level error",
            zh="适用于所有运行的规则，例如 val/acc lt 0.5 for 3 level error",
        ),
    )
    sinks: tuple[Literal["log", "terminal", "webhook"], ...] = field(
        default=("log", "webhook"),
        metadata=about("who is told: log, terminal, webhook", zh="通知的去处：log（日志）、terminal（终端）、webhook"),
    )
    sink_level: Level = field(
        default="info", metadata=about("from which level on they are told", zh="从哪个级别起通知")
    )
    webhook: str | None = field(
        default=None,
        validator=_url,
        repr=False,
        metadata=about("the address that alerts are sent to, as JSON", zh="以 JSON 发送告警的地址", secret=True),
    )
