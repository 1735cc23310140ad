"""Starters of templates: the file that a team begins its own template with, ours where it is a text."""

from __future__ import annotations

from collections.abc import Sequence

from xlcrm import messages
from xlcrm.errors import CrmError
from xlcrm.files.template_files import shipped
from xlcrm.papers.paper_starters import STARTERS, starter

PREFERRED = {"letters": "docx", "asking": "docx", "labels": "typ", "cards": "typ", "emails": "html"}


def starter_of(kind: str, form: str, language: str, window: str, fields: Sequence[str]) -> tuple[str, bytes]:
    """Name and content of a starter; `form` "" is the usual one of the kind.

    Texts (html, txt, columns.txt) are ours, to be changed; papers show every variable once. The name has the word for
    "own" in front, so that it doesn't take the place of ours. CrmError "templates.no_starter" names those there are.
    """
    ours = {path.name: path for path in shipped().iterdir() if path.suffix in (".html", ".txt") and path.is_file()}
    form = form or PREFERRED.get(kind, "html")
    own = messages.text("templates.own", language)
    if form in STARTERS.get(kind, ()):
        return f"{own} {kind}.{form}", starter(kind, form, language=language, window=window, fields=fields)
    if f"{kind}.{form}" not in ours:
        papers = [f"{name}.{one}" for name, forms in STARTERS.items() for one in forms]
        raise CrmError("templates.no_starter", kind=kind, form=form, names=", ".join(sorted([*ours, *papers])))
    return f"{own} {kind}.{form}", ours[f"{kind}.{form}"].read_bytes()
