"""How a host lets somebody in: keys, the agent, a password, questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .config import Resolved
from .prompts import Asking, NoPrompts, Question, clean

if TYPE_CHECKING:
    from .client import Client
    from .prompts import Prompts

TRIES = 3  # how often a wrong password may be typed


class SigningIn:
    """The credentials for one host, also those typed: coming back needs them again. They are kept in memory only."""

    def __init__(self, where: Resolved, prompts: Prompts) -> None:
        self.where, self.prompts = where, prompts
        self.patience: Callable[[bool], None] = lambda _typing: None  # told when people begin and end to type
        self.gave_up = False
        self.needs: Asking | None = None  # what nobody answered
        self._password = where.asked.password
        self._round: list[tuple[str, bool]] = []  # what the host asked the last time
        self._passphrases: dict[str, str] = {}
        self._hops: dict[tuple[object, ...], SigningIn] = {}

    def hop(self, where: Resolved) -> SigningIn:
        """The same for a host on the way, with what was typed there before."""
        known = self._hops.setdefault(where.identity, SigningIn(where, self.prompts))
        known.prompts = self.prompts
        return known

    @property
    def typed(self) -> dict[str, str]:
        """What was typed and worked, by kind."""
        found = {"password": self._password} if self._password is not None else {}
        passphrase = self._passphrases.get(self.where.asked.key_path or "")
        return found | ({"passphrase": passphrase} if passphrase else {})

    def alone(self) -> None:
        """From here on nobody is there to answer."""
        self.prompts = NoPrompts()

    def options(self) -> dict[str, Any]:
        """For ``asyncssh.connect``."""
        asked = self.where.asked
        self.gave_up, self.needs, self._round = False, None, []
        found: dict[str, Any] = {"username": self.where.username, "passphrase": self._passphrase}
        if asked.auth == "password":
            found |= {"client_keys": None, "preferred_auth": "keyboard-interactive,password"}
        elif asked.auth == "key":
            found |= {"preferred_auth": "publickey,keyboard-interactive", "agent_path": None}
        elif asked.auth == "agent":
            found |= {"preferred_auth": "publickey,keyboard-interactive"}
        else:
            found |= {"preferred_auth": "publickey,keyboard-interactive,password"}
        if asked.key_path and asked.auth in ("auto", "key"):
            found["client_keys"] = [asked.key_path]
        return found

    def client(self) -> Client:
        from .client import Client

        return Client(self)

    async def _passphrase(self, file: object) -> str | None:
        name = str(file)
        known = self.where.asked.passphrase or self._passphrases.get(name)
        if known:
            return known
        # Keys that merely lie there are left alone: only the one that was named, or that the configuration names, is
        # worth a question.
        answers = await self.ask("passphrase", f"key {name}", [Question("Passphrase", secret=True)])
        if not answers or not answers[0]:
            return None
        self._passphrases[name] = answers[0]
        return answers[0]

    async def password(self, tries: int) -> str | None:
        """The password for one more try; None = no more."""
        if self._password is not None:
            return self._password if tries == 0 else await self._type_password(tries)
        return await self._type_password(tries)

    async def _type_password(self, tries: int) -> str | None:
        if tries >= TRIES:
            return None
        answers = await self.ask("password", "", [Question("Password", secret=True)], again=tries > 0)
        if not answers:
            return None
        self._password = answers[0]
        return answers[0]

    async def ask(
        self, kind: Any, title: str, questions: Sequence[Question], *, again: bool = False
    ) -> Sequence[str] | None:
        asking = Asking(kind, self.where.host, self.where.username, clean(title), tuple(questions), again)
        self.patience(True)
        answers = await self.prompts.ask(asking)
        self.patience(False)
        if answers is None:
            self.gave_up, self.needs = True, asking
        return answers

    async def interactive(self, title: str, prompts: Sequence[tuple[str, bool]], tries: int) -> Sequence[str] | None:
        """Answers to what a host asks; a single hidden question about a password is answered by the known one once."""
        if not prompts:
            return []
        again, self._round = list(prompts) == self._round, list(prompts)
        single = len(prompts) == 1 and not prompts[0][1] and "password" in prompts[0][0].lower()
        if single and tries == 0 and self._password is not None:
            return [self._password]
        if tries >= TRIES:
            return None
        answers = await self.ask(
            "interactive", title, [Question(clean(text), not echo) for text, echo in prompts], again=again
        )
        if single and answers:
            self._password = answers[0]
        return answers

    def reason(self, error: Exception) -> str:
        """One clause for people, free of secrets."""
        asked = self.where.asked
        if asked.auth == "key" and self.needs is not None and self.needs.kind == "interactive":
            return f"it does not take the key {asked.key_path or 'files that were found'}, or asks for more"
        if self.needs is not None and isinstance(self.prompts, NoPrompts):
            if self.needs.kind == "password" and self._password is not None:
                return "the password is wrong"
            what = {"passphrase": "its passphrase is needed", "password": "it asks for a password"}
            return f"{what.get(self.needs.kind, 'it asks for more')}, and nobody was there to answer"
        if isinstance(error, ValueError):
            return f"the key {asked.key_path or ''} cannot be read: {error}"
        ways = {
            "agent": "the agent holds no key that it takes",
            "key": f"it does not take the key {asked.key_path or 'files that were found'}",
            "password": "the password is wrong, or it takes none",
            "auto": "it takes no key that was found, and no password was right",
        }
        return ways[asked.auth]
