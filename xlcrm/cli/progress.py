"""A bar for people who wait: shown on a terminal once a run has taken a second, silent everywhere else."""

from __future__ import annotations

import sys
import time
from types import TracebackType

import click

from xlcrm import messages


class Progress:
    """Counts the steps of a run. Nothing is printed where the error stream is no terminal or the run is quick."""

    def __init__(self, steps: int, language: str = "en", *, after: float = 1.0) -> None:
        self.steps, self.language, self.after = steps, language, after
        self.begun, self.done, self.shown = time.monotonic(), 0, False

    def __enter__(self) -> Progress:
        return self

    def step(self, name: str) -> None:
        """A step called `name` (a message key) begins."""
        self.done += 1
        if sys.stderr.isatty() and (self.shown or time.monotonic() - self.begun > self.after):
            self.shown = True
            full = round(30 * (self.done - 1) / self.steps)
            bar = "█" * full + "░" * (30 - full)
            click.echo(f"\r{bar} {messages.text(name, self.language):<40}", nl=False, err=True)

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        if self.shown:
            click.echo("\r" + " " * 72 + "\r", nl=False, err=True)
