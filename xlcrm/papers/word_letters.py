"""Word letters: a .docx template of the team, filled for each client in a process of its own, together or a file each.

A template sees `client` (every field of the letter, beside `client.lines`, `client.salutation`, `client.closing`,
`client.questions`), `sender`, `date` (in the letter's language), `today`, and `list`. Everything is escaped, a misspelt
name is a CrmError that names the file and the field, and the template can reach nothing but these.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from xlcrm.errors import CrmError
from xlcrm.files.limited_process import LimitedProcess, OverLimitError
from xlcrm.papers import paper_data
from xlcrm.papers.paper_data import chunks
from xlcrm.papers.paper_texts import LetterText, PaperTemplate, Sender, WordFile, WordLetters

if TYPE_CHECKING:
    from xlcrm.papers.docx_filling import DocxTemplateParts

CHUNK = 40  # letters that are filled in one go
SECONDS, JOINING = 3.5, 120.0  # for filling a chunk; for joining what was filled
MEMORY = 512 << 20  # bytes on top of what the process has once it is up
# what XML has no place for, and what docxtpl reads as a page or a paragraph
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class WordJob:
    """One piece of work: letters to fill, or with `documents` those of all letters to join to one file."""

    name: str
    source: bytes
    letters: tuple[dict[str, Any], ...]
    shared: dict[str, Any]
    language: str
    file_each: bool
    documents: tuple[bytes, ...] = ()


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
    made = [_letter(text, sender, today) for text in texts]
    shared = {
        "sender": _clean(asdict(sender)), "list": _clean(title), "today": today,
        "date": paper_data.place_and_date(sender, today, texts[0].language if texts else "en"),
    }  # fmt: skip
    language = texts[0].language if texts else "en"
    process = LimitedProcess(filled, seconds=SECONDS, memory=MEMORY, warm_up=warm_up)
    contents: list[bytes] = []
    try:
        for part in chunks(made, CHUNK):
            job = WordJob(template.name, template.source, tuple(part), shared, language, file_each)
            contents += _asked(process, job, SECONDS)
        if contents and not file_each:
            whole = WordJob(template.name, template.source, (), shared, language, file_each, tuple(contents))
            contents = _asked(process, whole, JOINING)
    finally:
        process.end()
    keys = [text.key for text in texts] if file_each else [""] * len(contents)
    files = tuple(WordFile(key, content) for key, content in zip(keys, contents, strict=True))
    return WordLetters(files, tuple(text.key for text in texts))


def _letter(text: LetterText, sender: Sender, today: dt.date) -> dict[str, Any]:
    """A letter as `client` of a Word template: fields as they are, so that a template can reckon with them."""
    client = {**text.fields, **paper_data.letter(replace(text, fields={}), sender, today)}
    client["address_block"] = "\n".join(client["lines"])
    cleaned: dict[str, Any] = _clean(client)
    return cleaned


def _clean(value: Any) -> Any:
    """Texts without characters that XML or Word can't hold, in lists and dictionaries too."""
    if isinstance(value, str):
        return _UNPRINTABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    if isinstance(value, dict):
        return {key: _clean(part) for key, part in value.items()}
    return [_clean(part) for part in value] if isinstance(value, (list, tuple)) else value


def _asked(process: LimitedProcess, job: WordJob, seconds: float) -> list[bytes]:
    """What the process makes of a job; CrmError "papers.template_slow" or "papers.template_big"."""
    try:
        made: list[bytes] = process.ask(job, seconds=seconds)
    except OverLimitError as over:
        if over.slow:
            raise CrmError("papers.template_slow", template=job.name, seconds=round(seconds)) from over
        raise CrmError("papers.template_big", template=job.name) from over
    return made


_ready: dict[bytes, DocxTemplateParts] = {}  # of this process


def warm_up() -> None:
    """Runs in the process before its first job, so that nobody's template waits for what fills it."""
    import xlcrm.papers.docx_filling  # noqa: F401


def filled(job: WordJob) -> list[bytes] | CrmError:
    """Runs in the process: files of their own, the documents of letters to join, or the joined file."""
    from xlcrm.papers.docx_filling import DocxTemplateParts
    from xlcrm.papers.docx_package import DocxPackage

    try:
        if job.source not in _ready:
            _ready[job.source] = DocxTemplateParts(DocxPackage(job.name, job.source))
        template = _ready[job.source]
        if job.documents:
            return [_one_file(template, job)]
        return [_filled_letter(template, job, client) for client in job.letters]
    except CrmError as fault:
        return CrmError(fault.key, **{name: str(value)[:400] for name, value in fault.values.items()})
    except Exception as fault:  # noqa: BLE001 - whatever a template does to Jinja or to the XML is the template's fault
        return CrmError("papers.word_syntax", template=job.name, where="-", fault=str(fault)[:200])


def _filled_letter(template: DocxTemplateParts, job: WordJob, client: dict[str, Any]) -> bytes:
    """A letter's own file, or with others in one file its document alone."""
    values = {**job.shared, "date": client["date"], "client": client}
    package = template.package
    if job.file_each:
        return package.written({part: template.fill(part, values, client["language"]) for part in template.sources})
    if package.main not in template.sources:
        return package.parts[package.main]
    return template.fill(package.main, values, client["language"])


def _one_file(template: DocxTemplateParts, job: WordJob) -> bytes:
    """All letters in one file; what they share is filled without a client."""
    from xlcrm.papers.docx_filling import joined_document

    package = template.package
    shared = [part for part in template.sources if part != package.main]
    changed = {part: template.fill_once(part, job.shared, job.language) for part in shared}
    return package.written({**changed, package.main: joined_document(job.documents)})
