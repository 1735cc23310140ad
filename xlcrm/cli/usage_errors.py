"""A mistyped command is answered in the user's language; click itself speaks only English."""

from __future__ import annotations

import re

import click
from click.exceptions import NoArgsIsHelpError

from xlcrm import messages

_GIVEN = re.compile(r"'([^']*)'")


def sentence(fault: click.UsageError, language: str) -> str:
    """What is wrong with the command line, and which help says more; what click alone knows stays in click's words."""
    if isinstance(fault, NoArgsIsHelpError):
        return fault.format_message()
    found = _Fault.of(fault)
    told = messages.text(f"cli.{found.key}", language, **found.values) if found.key else fault.format_message()
    command = fault.ctx.command_path if fault.ctx else "xlcrm"
    return f"{told} {messages.text('cli.see_help', language, command=command)}"


class _Fault:
    """The key of a sentence ("" for the rare ones that have none) and what fills it."""

    def __init__(self, key: str, **values: str) -> None:
        self.key, self.values = key, values

    @classmethod
    def of(cls, fault: click.UsageError) -> _Fault:
        given = next(iter(_GIVEN.findall(fault.message)), "")
        if isinstance(fault, click.NoSuchOption):
            return cls("no_option", option=fault.option_name)
        if isinstance(fault, click.MissingParameter) and fault.param is not None:
            return cls("missing", name=fault.param.human_readable_name.upper())
        if isinstance(fault, click.BadParameter) and fault.param is not None:
            return cls._bad(fault.param, given)
        if isinstance(fault, click.BadOptionUsage):
            return cls("no_value", option=fault.option_name)
        if type(fault).__name__ == "NoSuchCommand" or fault.message.startswith("No such command"):
            return cls("no_command", name=given)
        if fault.message.startswith("Got unexpected extra argument"):
            return cls("too_many", names=fault.message.partition("(")[2].rstrip(")"))
        return cls("")

    @classmethod
    def _bad(cls, param: click.Parameter, given: str) -> _Fault:
        name = param.opts[-1] if isinstance(param, click.Option) else param.human_readable_name.upper()
        if isinstance(param.type, click.Choice):
            return cls("bad_choice", name=name, value=given, choices=", ".join(map(str, param.type.choices)))
        kind = {click.DateTime: "bad_day", type(click.INT): "bad_number"}.get(type(param.type), "")
        return cls(kind, name=name, value=given)
