"""Starters: templates to begin with, that show every variable once, for `xlcrm template BOOK letters`."""

from __future__ import annotations

from collections.abc import Sequence

STARTERS = {"letters": ("typ", "docx"), "asking": ("typ", "docx"), "labels": ("typ",), "cards": ("typ",)}


def starter(kind: str, form: str, *, language: str = "en", window: str = "din-b", fields: Sequence[str] = ()) -> bytes:
    """The file of a template of this `kind` ("letters", ...) and `form` ("typ", "docx"), with words in `language`.

    `fields` are the names of the columns that a template may use; they are listed with the variables. CrmError
    "papers.no_starter" that names the kinds and forms there are.
    """
    raise NotImplementedError
