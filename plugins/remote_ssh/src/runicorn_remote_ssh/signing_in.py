"""How a host lets somebody in: keys, the agent, a password, questions."""

from __future__ import annotations

import asyncio
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
        self._left: set[str] = set()  # keys that somebody would not open
        self._hops: dict[tuple[object, ...], SigningIn] = {}

    def hop(self, where: Resolved) -> SigningIn:
        """The same for a host on the way, with what was typed there before."""
        known = self._hops.setdefault(where.identity, SigningIn(where, self.prompts))
        known.prompts = self.prompts
        return known

    @property
    def knows_password(self) -> bool:
        return self._password is not None

    @property
    def typed(self) -> dict[str, str]:
        """What was given or typed, and is right, by kind."""
        found = {"password": self._password} if self._password is not None else {}
        passphrase = self._passphrases.get(self.where.asked.key_path or "")
        return found | ({"passphrase": passphrase} if passphrase else {})

    def alone(self) -> None:
        """From here on nobody is there to answer."""
        self.prompts = NoPrompts()

    async def options(self) -> dict[str, Any]:
        """For ``asyncssh.connect``.

        :raises ValueError: the key that was named cannot be read.
        """
        asked = self.where.asked
        self.gave_up, self.needs, self._round = False, None, []
        if not isinstance(self.prompts, NoPrompts):
            self._left.clear()
        found: dict[str, Any] = {"username": self.where.username, "passphrase": self._passphrase}
        if asked.auth == "password":
            return found | {"client_keys": None, "preferred_auth": "keyboard-interactive,password"}
        if asked.auth == "auto":
            found |= {"preferred_auth": "publickey,keyboard-interactive,password"}
        else:
            found |= {"preferred_auth": "publickey,keyboard-interactive"}
        # Of an empty list asyncssh makes the usual files, of an iterator that ends at once none.
        return found | {"client_keys": await self._keys() or iter(())} | await self._agent()

    async def _keys(self) -> list[Any]:
        """Files that asyncssh reads, which asks for a passphrase once the host takes the key; and keys that had to be
        opened before."""
        from .key_files import key_files, named_key, open_key, usual_key_files

        asked = self.where.asked
        if asked.auth == "agent":
            return []
        if asked.key_path:
            files = [await asyncio.to_thread(named_key, asked.key_path)]
        elif self.where.keys:
            files = await asyncio.to_thread(key_files, self.where.keys)
        else:
            files = await asyncio.to_thread(usual_key_files)
        keys: list[Any] = []
        for file in files:
            if not file.sealed:
                keys.append(file.path)
            elif (passphrase := await self._passphrase(file.path)) is not None:
                keys.append(await asyncio.to_thread(open_key, file.path, passphrase))
        return keys

    async def _agent(self) -> dict[str, Any]:
        """Whether an agent is asked, and about which of its keys."""
        from .key_files import USUAL, public_parts

        asked, where = self.where.asked, self.where
        if asked.auth == "key":
            return {"agent_path": None}
        if not where.only_named:
            return {"agent_identities": None}
        named = [asked.key_path] if asked.key_path else where.keys or [f"~/.ssh/{name}" for name in USUAL]
        known = await asyncio.to_thread(public_parts, named)
        return {"agent_identities": known} if known else {"agent_path": None}

    def client(self) -> Client:
        from .client import Client

        return Client(self)

    async def _passphrase(self, file: object) -> str | None:
        """Of a key; asked for again while it is a wrong one. None = it is left."""
        from .key_files import opens

        name = str(file)
        known = self.where.asked.passphrase or self._passphrases.get(name)
        if known and await opens(name, known):
            self._passphrases[name] = known
            return known
        for tries in range(TRIES):
            if name in self._left:
                return None
            question = Question("Passphrase", secret=True)
            answers = await self.ask("passphrase", f"key {name}", [question], again=bool(known) or tries > 0)
            if not answers:
                return None
            if not answers[0]:
                self._left.add(name)
            elif await opens(name, answers[0]):
                self._passphrases[name] = answers[0]
                return answers[0]
        self._left.add(name)
        return None

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
        if self.gave_up:
            return None
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
        if asked.auth == "key" and asked.key_path in self._left:
            return f"the key {asked.key_path} stays closed: no passphrase was right"
        ways = {
            "agent": "the agent holds no key that it takes",
            "key": f"it does not take the key {asked.key_path or 'files that were found'}",
            "password": "the password is wrong, or it takes none",
            "auto": "it takes no key that was found, and no password was right",
        }
        return ways[asked.auth]
