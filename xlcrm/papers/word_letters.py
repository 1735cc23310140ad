"""Word letters: a .docx template of the team, filled for each client in a process of its own, together or a file each.

A template sees `client` (every field of the letter, beside `client.lines`, `client.salutation`, `client.closing`,
`client.questions`), `sender`, `date` (in the letter's language), `today`, and `list`. Everything is escaped, a misspelt
name is a CrmError that names the file and the field, and the template can reach nothing but these.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from xlcrm.papers.paper_texts import LetterText, PaperTemplate, Sender, WordLetters


def word_letters(
    texts: Sequence[LetterText],
    template: PaperTemplate,
    sender: Sender,
    *,
    today: dt.date,
    title: str = "",
    file_each: bool = False,
) -> WordLetters:
    """The letters as Word documents: one for all, each letter on a new page, or with `file_each` one a client.

    CrmError: "papers.word_field" (file, field, where), "papers.word_syntax", "papers.word_unreadable" (no .docx, or
    damaged), "papers.word_macro", "papers.word_outside" (shows what lies outside the file), "papers.word_slow",
    "papers.word_big", "papers.word_once" (a header that names the client can't be in one document for all).
    """
    raise NotImplementedError
