"""The command that explains how a name or an address is read: `xlcrm explain address "Via Roma 5, 20121 Milano"`."""

from __future__ import annotations

import json

import click

from xlcrm.cli.options import SentenceGroup, language

COUNTRY = click.option("--country", default="", help="Where it most likely is: IT, ES, NO, GB, FR, DE, ...")
JSON = click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")


@click.group(cls=SentenceGroup)
def explain() -> None:
    """Show each reading of a name or an address, its reasons, and why one won."""


@explain.command()
@click.argument("text")
@COUNTRY
@JSON
def address(text: str, country: str, as_json: bool) -> None:
    """Explain how an address is split into fields."""
    from xlcrm.addresses.explain_address import as_values, explain_address, told

    explained = explain_address(text.replace("\\n", "\n"), country=country)
    if as_json:
        click.echo(json.dumps(as_values(explained, language()), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(told(explained, language())))


COMMANDS = (explain,)
