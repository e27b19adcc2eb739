"""The one place that knows what looks like a secret: it is replaced before it is kept or sent."""

from __future__ import annotations

import re
from collections.abc import Sequence

HIDDEN = "***"
#: Longer values (lists of hosts, programs given on the command line) are cut.
LIMIT = 1000

_NAME = re.compile(
    r"pass(word|wd|phrase|code)|secret|token(?!i[sz]|s)|credential|api[_-]?key|access[_-]?key|account[_-]?key|private"
    r"|bearer|cookie|jwt|authorization|webhook"
    r"|(^|[_-])(pass|pw|pwd|auth|key)($|[_-])",
    re.IGNORECASE,
)
_TOKENS = (
    r"gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}"  # GitHub, GitLab
    r"|hf_[A-Za-z0-9]{20,}|sk-[\w-]{16,}|xox[abpros]-[\w-]{10,}"  # Hugging Face, OpenAI and others, Slack
    r"|A(?:KIA|SIA)[A-Z0-9]{16}|AIza[\w-]{30,}"  # Amazon, Google
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"  # a JSON web token
)
#: Beside them forty hexadecimal digits: keys of experiment trackers.
_VALUE = re.compile(rf"(?<![A-Za-z0-9])({_TOKENS}|[0-9a-f]{{40}}(?![0-9a-f]))")
_TOKEN = re.compile(rf"(?<![A-Za-z0-9])({_TOKENS})")
#: What a header says: ``Authorization: Bearer ...``.
_SCHEME = re.compile(r"(\bauthorization[\"']?\s*[:=]\s*[\"']?(?:[a-z]+\s+)?|\bbearer\s+)[\w.~+/=:-]{6,}", re.IGNORECASE)
#: ``"api_key": "..."``, and a query's ``&api_key=...``.
_MEMBER = re.compile(r"""(["'])([\w.-]{1,100})(\1\s*:\s*["'])([^"']+)""")
_PARAMETER = re.compile(r"([?&;#])([\w.-]{1,100})=([^&;#\s]+)")
#: A parameter that signs an address for whoever has it: of Amazon, Google, Azure.
_SIGNATURE = re.compile(r"(^|[_.-])sig(nature)?$", re.IGNORECASE)
#: ``name = "..."`` and ``"name": "..."`` in most languages, and what a key looks like.
_LITERAL = re.compile(r"""([\w.-]{1,100})(["']?\s*[:=]\s*[rbuf]{0,2}["'])([^"'\n]{1,500})(?=["'])""")
_KEY = re.compile(r"[\w+/=.:-]{12,}")
#: Addresses that whoever has them may post to: Slack, Discord, Teams, Google Chat, Feishu, DingTalk, WeCom, Mattermost.
_HOOK = re.compile(
    r"(://(?:hooks\.slack(?:-gov)?\.com|(?:[\w-]+\.)?discord(?:app)?\.com/api/webhooks|[\w.-]+\.webhook\.office\.com"
    r"|chat\.googleapis\.com/v1/spaces|open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot|oapi\.dingtalk\.com/robot"
    r"|qyapi\.weixin\.qq\.com/cgi-bin/webhook|[\w.:-]+/hooks)/)[\w/?=&.%+@-]{16,}"
)
_PRIVATE = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_PRIVATE_LINE = re.compile(r"^([-+ ]?)[\w+/=]{4,}$", re.MULTILINE)  # of a patch, too
_USER = re.compile(r"(?<=://)(?:[^/@\s]+@)+")


def is_secret_name(name: str) -> bool:
    """Whether something of this name is likely to be a secret."""
    return _NAME.search(name) is not None


def redact(text: str) -> str:
    """The text without the tokens, and the users and passwords of addresses, that it holds."""
    return _USER.sub("", _SCHEME.sub(rf"\1{HIDDEN}", _VALUE.sub(HIDDEN, _without_shapes(text))))


def _without_shapes(text: str) -> str:
    """Without what is known by more than one word: addresses of webhooks, and private keys, line by line."""
    text = _PRIVATE.sub(lambda found: _PRIVATE_LINE.sub(rf"\1{HIDDEN}", found[0]), text)
    return _HOOK.sub(rf"\1{HIDDEN}", text)


def redact_address(text: str) -> str:
    """An address, or a text that holds some, without their users, passwords, signatures and other secret parameters."""

    def hidden(match: re.Match[str]) -> str:
        secret = is_secret_name(match[2]) or _SIGNATURE.search(match[2]) is not None
        return f"{match[1]}{match[2]}={HIDDEN}" if secret else match[0]

    text = _MEMBER.sub(lambda m: f"{m[1]}{m[2]}{m[3]}{HIDDEN}" if is_secret_name(m[2]) else m[0], text)
    return redact(_PARAMETER.sub(hidden, text))


def redact_output(text: str) -> str:
    """The same for what a program prints, where forty hexadecimal digits are a commit.

    :func:`may_show_secrets` tells for much less where there is nothing to do.
    """
    return _USER.sub("", _SCHEME.sub(rf"\1{HIDDEN}", _TOKEN.sub(HIDDEN, _without_shapes(text))))


def redact_code(text: str) -> str:
    """Source code, or a patch of it, without tokens and without the literals of secrets: ``password = "..."``.

    A name such as ``pad_token`` may hold what is no secret: there only what looks like a key is hidden.
    """

    def hidden(match: re.Match[str]) -> str:
        name, value = match[1], match[3]
        secret = is_secret_name(name) and ("pass" in name.lower() or _KEY.fullmatch(value) is not None)
        return f"{name}{match[2]}{HIDDEN}" if secret else match[0]

    return redact(_LITERAL.sub(hidden, text))


def redact_arguments(arguments: Sequence[str]) -> list[str]:
    """A command line whose options with secret names, and values that look like secrets, are hidden."""
    shown: list[str] = []
    hide_next = False
    for argument in arguments:
        name, equals, _ = argument.partition("=")
        if hide_next and not argument.startswith("-"):
            shown.append(HIDDEN)
            hide_next = False
            continue
        if "://" in name or "?" in name:
            name = equals = ""  # of an address, whose parameters are looked at below
        secret = _is_secret_option(name) and (name.startswith("-") or bool(equals))
        hide_next = secret and not equals
        shown.append(f"{name}={HIDDEN}" if secret and equals else _redacted_members(argument)[:LIMIT])
    return shown


def _is_secret_option(name: str) -> bool:
    return is_secret_name(name.lstrip("-+").replace(".", "_"))


def _redacted_members(argument: str) -> str:
    """One argument that is a header, JSON, an address or anything else."""
    name, colon, _ = argument.partition(":")
    if colon and re.fullmatch(r"[\w.-]{1,100}", name) and is_secret_name(name):  # X-Api-Key: ...
        return f"{name}: {HIDDEN}"
    return redact_address(argument)


def without_credentials(url: str) -> str:
    """An address without user, password, query and fragment: each of them may carry a token.

    ``git@host:path`` stays, since its user is the same for everybody.
    """
    if "://" not in url:
        return url
    from urllib.parse import urlsplit, urlunsplit  # 4 ms, and needed for addresses only

    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path, "", ""))
    except ValueError:
        return "***"
