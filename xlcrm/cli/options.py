"""Options and behaviour that all commands share: clock, language, password, progress bar, usage errors, exit codes."""

from __future__ import annotations

import datetime as dt
import os
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import click
from click.exceptions import NoArgsIsHelpError

from xlcrm import messages
from xlcrm.cli.telling import prepare, tell
from xlcrm.errors import CrmError
from xlcrm.messages import LANGUAGES
from xlcrm.os_errors import unexpected

if TYPE_CHECKING:
    from xlcrm.actions import Action, Option
    from xlcrm.session import Call


class Progress:
    """A bar for people who wait: shown on a terminal once a run has taken a second, silent everywhere else.

    Counts the steps of a run. Nothing is printed where the error stream is no terminal or the run is quick.
    """

    def __init__(self, steps: int, language: str = "en", *, after: float = 1.0) -> None:
        self.steps, self.language, self.after = steps, language, after
        self.begun, self.done, self.shown = time.monotonic(), 0, False

    def __enter__(self) -> Progress:
        return self

    def step(self, name: str) -> None:
        """A step called `name` (a message key) begins."""
        self.done += 1
        if sys.stderr and sys.stderr.isatty() and (self.shown or time.monotonic() - self.begun > self.after):
            self.shown = True
            full = round(30 * (self.done - 1) / self.steps)
            bar = "█" * full + "░" * (30 - full)
            self._draw(f"\r{bar} {messages.text(name, self.language):<40}")

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        if self.shown:
            self._draw("\r" + " " * 72 + "\r")

    def _draw(self, text: str) -> None:
        with suppress(OSError, ValueError):  # a terminal that is gone stops no run
            click.echo(text, nl=False, err=True)


# What all commands share: who, when, in which language, how an outcome is told and a refusal becomes exit code 2.

# more threads make nothing of a client file's size faster, and while they wait they take the time of those that read
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

BOOK = click.argument("book", type=click.Path(path_type=Path))
FILE = click.Path(path_type=Path)


class SentenceGroup(click.Group):
    """Every refusal is a sentence and exit code 2, never a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        prepare()
        try:
            return super().main(*args, **{**kwargs, "standalone_mode": False})
        except click.UsageError as fault:
            warn(sentence(fault, language()))
        except click.ClickException as fault:
            warn(fault.format_message())
        except click.Abort:
            warn("")
        except CrmError as fault:
            warn(fault.text(language()))
        except Exception as fault:
            if os.environ.get("XLCRM_DEBUG"):
                raise
            warn(unexpected(fault).text(language()))
        sys.exit(2)


CHANGING = (
    click.Option(["--dry-run"], is_flag=True, help="Print what would be done, and do nothing."),
    click.Option(["--json", "as_json"], is_flag=True, help="Print everything as JSON."),
    click.Option(["--unattended"], is_flag=True, help="For runs by night: change nothing while somebody has it open."),
    click.Option(["--today"], type=click.DateTime(["%Y-%m-%d"]), help="The day to take as today."),
)
KINDS: dict[str, Any] = {"text": str, "number": int, "file": FILE, "switch": bool}


def command_of(action: Action) -> click.Command:
    """The command that runs an action of the registry; what may change the workbook has the options of CHANGING."""

    def act(book: Path, **given: Any) -> None:
        from xlcrm.cli.performing import perform

        perform(action, book, **given)

    own = [parameter(option) for option in action.options]
    own += [click.Option(["--yes"], is_flag=True, help="Agree in advance.")] if action.confirms else []
    return click.Command(
        action.name,
        params=[click.Argument(["book"], type=FILE), *own, *(CHANGING if action.changes else ())],
        callback=act,
        help=action.help,
    )


def parameter(option: Option) -> click.Parameter:
    """An option of the registry as click has it; an argument where its first name has no dashes."""
    kind = click.Choice(option.choices) if option.choices else KINDS[option.kind]
    if not option.names[0].startswith("-"):
        several: dict[str, Any] = {"nargs": -1} if option.many else {"default": option.default}
        return click.Argument(option.names, type=kind, required=option.required, **several)
    if option.kind == "switch":
        default = None if "/" in option.names[0] else False
        return click.Option(option.names, is_flag=True, default=default, help=option.help)
    several = {"multiple": True} if option.many else {"default": option.default}
    return click.Option(option.names, type=kind, help=option.help, metavar=option.metavar, **several)


def call_of(
    today: dt.datetime | None = None,
    *,
    dry_run: bool = False,
    unattended: bool = False,
    step: Callable[[str], None] = lambda name: None,
) -> Call:
    """Who runs what and when, as the environment says."""
    from xlcrm.session import Call

    return Call(now(today), person(), dry_run, step, warn, password(), language(), unattended)


def person() -> str:
    """Who sits at the computer; "" where the system has no name for them (a number without an account)."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""


def say(key: str, spoken: str = "", **values: object) -> None:
    tell(messages.text(key, spoken or language(), **values))


def warn(text: str) -> None:
    tell(text, err=True)


def password() -> str:
    """The password of locked backups and workbooks comes from the environment, never from a command line others see."""
    return os.environ.get("XLCRM_PASSWORD", "")


def now(today: dt.datetime | None = None) -> dt.datetime:
    """Local time; with --today that day, at the hour it is."""
    clock = dt.datetime.now().astimezone().replace(tzinfo=None)
    return dt.datetime.combine(today.date(), clock.time()) if today else clock


def language() -> str:
    """The language of a refusal that comes before any workbook was read: the computer's own, where we speak it."""
    code = (os.environ.get("XLCRM_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "")[:2].lower()
    if not code:
        import locale

        code = (locale.getlocale()[0] or "en")[:2].lower()
    code = {"no": "nb", "nn": "nb"}.get(code, code)
    return code if code in LANGUAGES else "en"


def home_country() -> str:
    """The computer's country (ISO code) where its language names one (it_IT, de-AT); "" where it doesn't."""
    said = os.environ.get("LC_ALL") or os.environ.get("LANG") or _windows_locale()
    found = re.match(r"[A-Za-z]{2,3}[_-]([A-Z]{2})\b", said)
    return found[1] if found else ""


def _windows_locale() -> str:
    """What Windows calls the user's region ("it-IT"); "" elsewhere."""
    if sys.platform != "win32":
        return ""
    import ctypes

    name = ctypes.create_unicode_buffer(85)
    ctypes.windll.kernel32.GetUserDefaultLocaleName(name, len(name))
    return name.value


def currency_of(country: str) -> str:
    """What people in a country pay with today; EUR where that isn't known."""
    from babel.numbers import get_territory_currencies

    return str(next(iter(get_territory_currencies(country.upper()) if country else ()), "EUR"))


# A mistyped command is answered in the user's language; click itself speaks only English.

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
