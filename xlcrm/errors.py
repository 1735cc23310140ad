"""The one error that stops a run, so that every refusal reaches the user as a sentence and never as a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from xlcrm import messages


class CrmError(Exception):
    """An impossible situation: nothing was changed, and the message says what to do.

    `key` names a sentence of the message catalogue (`xlcrm/messages/*.csv`); `values` fill its placeholders. `language`
    is that of the workbook that it is about, "" before one was read.
    """

    language = ""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values

    def text(self, language: str = "en") -> str:
        return messages.text(self.key, self.language or language, **self.values)

    def __str__(self) -> str:
        return self.text()


@contextmanager
def spoken(language: str) -> Iterator[None]:
    """Refusals in here are told in the language of the workbook, whatever the computer speaks."""
    try:
        yield
    except CrmError as fault:
        fault.language = fault.language or language
        raise
