"""What a report says by itself, in the reader's language. English is the key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["en", "zh-CN"]
Words: TypeAlias = Callable[[str], str]

_CHINESE: Mapping[str, str] = {
    "Runicorn report": "Runicorn 报告",
    "run": "运行",
    "id": "ID",
    "project": "项目",
    "status": "状态",
    "started": "开始时间",
    "took": "用时",
    "tags": "标签",
    "running": "运行中",
    "finished": "已完成",
    "failed": "失败",
    "crashed": "崩溃",
    "interrupted": "已中断",
    "Curves": "曲线",
    "of the first {drawn} of {runs} runs": "共 {runs} 个运行，显示前 {drawn} 个",
    "no finite value": "没有有限的数值",
    "Metrics": "指标",
    "metric": "指标",
    "last": "最后",
    "min": "最小",
    "max": "最大",
    "last step": "最后一步",
    "Summary": "摘要",
    "value": "值",
    "Parameters that differ": "不同的参数",
    "Parameters that are the same": "相同的参数",
    "parameter": "参数",
    "note": "备注",
    "ended": "结束原因",
    "debug": "调试",
    "info": "信息",
    "warning": "警告",
    "error": "错误",
    "critical": "严重",
}


def words(language: Language) -> Words:
    """From the English words to those of a language; what is not among them stays as it is."""
    return (lambda text: _CHINESE.get(text, text)) if language == "zh-CN" else (lambda text: text)
