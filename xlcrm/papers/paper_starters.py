"""Starters: templates to begin with, that show every variable once, for `xlcrm template BOOK letters`."""

from __future__ import annotations

from collections.abc import Sequence

from xlcrm import messages
from xlcrm.errors import CrmError
from xlcrm.papers.docx_starter import docx_starter
from xlcrm.papers.letter_window import letter_window

STARTERS = {"letters": ("typ", "docx"), "asking": ("typ", "docx"), "labels": ("typ",), "cards": ("typ",)}


def starter(kind: str, form: str, *, language: str = "en", window: str = "din-b", fields: Sequence[str] = ()) -> bytes:
    """The file of a template of this `kind` ("letters", ...) and `form` ("typ", "docx"), with words in `language`.

    `fields` are the names of the columns that a template may use; they are listed with the variables. CrmError
    "papers.no_starter" that names the kinds and forms there are.
    """
    if form not in STARTERS.get(kind, ()):
        known = ", ".join(f"{name}.{form}" for name, forms in STARTERS.items() for form in forms)
        raise CrmError("papers.no_starter", kind=kind, form=form, starters=known)
    if form == "docx":
        return docx_starter(letter_window(window), language, fields, asking=kind == "asking")
    return _typst(kind, language, fields).encode()


# what follows the import, by kind; [body] and [subject] are words of the list's language
BODIES = {
    "letters": "#letters(subject: [[subject]], client => [\n  #client.salutation\n\n  [body]\n])\n",
    "asking": '#asking(subject: client => word(client, "asking_subject"))\n',
    "labels": "// #labels() prints the lines of the address as they are; this is a design of your own.\n"
    "#labels(design: label => label.lines.map(line => [#line]).join(linebreak()))\n",
    "cards": "#cards()\n",
}
NAMES = {
    "letters": ("client.salutation", "client.closing", "client.lines", "client.date", "client.questions"),
    "asking": ("client.salutation", "client.closing", "client.lines", "client.date", "client.questions"),
    "labels": ("label.lines",),
    "cards": ("card.title", "card.subtitle", "card.groups", "card.tables"),
}
SENDER = ("sender.name", "sender.lines", "sender.contacts", "sender.footer", "sender.signed", "sender.role")


def _typst(kind: str, language: str, fields: Sequence[str]) -> str:
    """A typst template with notes on top."""
    own = [f"client.{field}" for field in fields] if kind in ("letters", "asking") else []
    names = list(dict.fromkeys([*NAMES[kind], *SENDER, *own]))
    notes = [messages.text("papers.starter_note_typ", language), messages.text("papers.starter_names", language)]
    lines = [f"// {line}" for line in [*notes, *(f"  #{name}" for name in names)]]
    body = BODIES[kind].replace("[body]", messages.text("papers.starter_body", language))
    body = body.replace("[subject]", messages.text("papers.starter_subject", language))
    return "\n".join([*lines, '#import "xlcrm.typ": *', "", body])
