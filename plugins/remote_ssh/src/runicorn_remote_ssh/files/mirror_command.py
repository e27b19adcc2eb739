"""``runicorn remote mirror``: another machine's runs in a folder here, and only what has changed the next time."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import click
from runicorn.errors import InvalidArgument, StorageUnreachable
from runicorn.hooks import remote_transports, scheme_of

from .belonging import WhatCame
from .claim import Claim
from .counting import Counts
from .mirror import Mirror
from .settling import TICK_S

_EVERY_S = 2.0
_AGAIN_MOST_S = 30.0


@click.command()
@click.argument("place", metavar="HOST:PATH")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--delete", is_flag=True, help="Also remove runs from DIR that came from there, and are there no more.")
@click.option("--no-media", is_flag=True, help="Leave out pictures, audio and video.")
@click.option("-f", "--follow", is_flag=True, help="Go on until Ctrl-C, also after the connection was lost.")
@click.option("-q", "--quiet", is_flag=True, help="No progress; the counts at the end only.")
def mirror(place: str, folder: Path, delete: bool, no_media: bool, follow: bool, quiet: bool) -> int:
    """Copy the runs of another machine into a folder.

    PLACE is HOST:PATH, or an address such as ssh://me@host:2222/data/runs. The next time only what has changed is read;
    a copy that was interrupted goes on where it stopped. Whoever looks at DIR meanwhile sees no half file.
    """
    address = address_of(place)
    folder = folder.expanduser().absolute()
    folder.mkdir(parents=True, exist_ok=True)
    claim = Claim(folder / ".mirror.lock")
    if not claim.take():
        raise InvalidArgument("DIR", str(folder), "is being mirrored by another process")
    tree = remote_transports().open(address)
    copy = Mirror(tree, folder, drop_runs=delete, heavy=not no_media, belonging=WhatCame(folder, address))
    shown = Progress(copy, address, quiet)
    try:
        _run(copy, follow, shown)
    finally:
        shown.end()
        copy.close()
        copy.tree.close()
        claim.release()
    return shown.summary()


def address_of(place: str) -> str:
    """``box:runs`` as an address; what is one stays.

    :raises InvalidArgument: it is neither.
    """
    if scheme_of(place) is not None:
        return place
    from .transport import Address

    return Address.parse(place).uri


def _run(copy: Mirror, follow: bool, shown: Progress) -> None:
    wait = _EVERY_S
    while True:
        try:
            runs = copy.find()
            due = copy.due(runs)
            while copy.fill(due):
                pass
            copy.bring_all(copy.due(runs))
            if not follow and copy.unsettled:
                time.sleep(TICK_S)
                copy.bring_all(copy.due(runs))
            wait = _EVERY_S
        except StorageUnreachable as error:
            if not follow:
                raise
            shown.say(f"{error}; trying again in {wait:.0f} s")
            wait = min(wait * 2, _AGAIN_MOST_S)
        if not follow:
            return
        time.sleep(wait)


class Progress:
    """One line that is written over, on a terminal; elsewhere a line now and then."""

    def __init__(self, copy: Mirror, address: str, quiet: bool) -> None:
        self._copy, self._address, self._quiet = copy, address, quiet
        self._terminal = sys.stderr.isatty()
        self._began = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._show, name="runicorn-progress", daemon=True)
        self._thread.start()

    def say(self, sentence: str) -> None:
        click.echo(("\r\x1b[K" if self._terminal and not self._quiet else "") + sentence, err=True)

    def end(self) -> None:
        self._stop.set()
        self._thread.join()
        if self._terminal and not self._quiet:
            click.echo("\r\x1b[K", nl=False, err=True)

    def summary(self) -> int:
        """What was done; 1 when something could not be read."""
        counts = self._copy.counts
        for failed in counts.failed:
            click.echo(f"not read: {failed}", err=True)
        click.echo(
            f"{counts.runs} runs; {counts.files} files, {size(counts.bytes)} brought; {counts.removed} removed; "
            f"{len(counts.failed)} could not be read ({time.monotonic() - self._began:.1f} s)"
        )
        return 1 if counts.failed else 0

    def _show(self) -> None:
        while not self._stop.wait(0.5 if self._terminal else 10.0):
            if not self._quiet:
                line = self._line(self._copy.counts)
                click.echo(f"\r\x1b[K{line}" if self._terminal else line, nl=not self._terminal, err=True)

    def _line(self, counts: Counts) -> str:
        seconds = max(0.1, time.monotonic() - self._began)
        return (
            f"{self._address}: {counts.runs} runs, {counts.files} files, {size(counts.bytes)} "
            f"({size(counts.bytes / seconds)}/s)"
        )


def size(value: float) -> str:
    """Bytes as people read them."""
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.2f} GB"
