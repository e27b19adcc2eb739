"""``runicorn acme``."""

import click
from runicorn.hooks import open_store


@click.command()
def acme() -> None:
    """Say how many runs there are."""
    click.echo(f"{len(open_store().list_runs())} runs")
