"""The typst engine: compiles a template of labels, letters or cards to PDF in a limited process of its own.

A template sees its own text, the pictures beside it, our library `xlcrm.typ` and the data, which is passed as JSON. The
root is a fresh folder without links; packages from the internet are refused (no package folder, and a proxy that isn't
there); time and memory are limited. PDFs are PDF/A-2u: fonts are embedded, and a letter without a glyph is an error
instead of a box. Every failure is a CrmError "papers.template_*" that names the template and, where known, its line.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from xlcrm.errors import CrmError
from xlcrm.files.limited_process import LimitedProcess, OverLimitError
from xlcrm.papers.misspelt_names import known_names, misspelt
from xlcrm.papers.paper_texts import PaperTemplate

DATA = Path(__file__).parent.parent / "data"
SECONDS, OWN_SECONDS = 120.0, 3.5  # for one job of a template of ours, of a team's own
MEMORY = 512 << 20  # bytes on top of what the process has once it is up
NO_PROXY_THERE = "http://127.0.0.1:9"
PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
MAIN = "main.typ"
_LINE = re.compile(rf"{re.escape(MAIN)}:(\d+):")
_GLYPH = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_NAME = re.compile(r'does not contain key "([^"]*)"|unknown variable: (\S+)|does not have field "([^"]*)"')
LIBRARY = frozenset({"client", "sender", "word", "data", "letters", "labels", "asking", "cards", "label", "card"})
# what typst says of a template's fault -> our sentence
_KINDS = (
    (re.compile(r"package"), "papers.template_package"),
    (
        re.compile(r"file not found|failed to load file|project root|access denied|is a directory"),
        "papers.template_file",
    ),
)


@dataclass(frozen=True)
class TypstJob:
    """One piece of a paper: the folder with the template, its name for people, and the data as JSON.

    `asked` is the label of what the template is to tell instead of making a paper, "" for a paper.
    """

    root: str
    name: str
    data: str
    system_fonts: bool
    asked: str = ""


@dataclass(frozen=True)
class TypstPart:
    """What one job made: the PDF, and the keys of what was too large to print."""

    pdf: bytes
    unfit: tuple[str, ...]


@dataclass(frozen=True)
class MissingGlyphs:
    """No PDF, because no font has these letters; `line` is where the template shows them, "-" outside of it."""

    letters: frozenset[str]
    line: str


class TypstEngine:
    """Compiles templates for one run; the process starts with the first job, `end` ends it and clears its folders."""

    def __init__(self) -> None:
        self._process = LimitedProcess(compiled, seconds=SECONDS, memory=MEMORY, warm_up=warm_up)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._roots: dict[tuple[str, bytes], str] = {}

    def compile(self, template: PaperTemplate, data: Mapping[str, Any]) -> TypstPart | MissingGlyphs:
        """The PDF of a template with this data; CrmError "papers.no_typst" or "papers.template_*".

        Ours print with the fonts that come along, so that a paper is the same on every computer; a team's own, and
        letters that ours lack, with the computer's too.
        """
        if find_spec("typst") is None:
            raise CrmError("papers.no_typst")
        root, text = self._root(template), json.dumps(data, ensure_ascii=False)
        made: TypstPart | MissingGlyphs = self._ask(TypstJob(root, template.name, text, not template.ours), template)
        if isinstance(made, MissingGlyphs) and template.ours:
            made = self._ask(TypstJob(root, template.name, text, True), template)
        return made

    def letter_widths(self, letters: Sequence[str], data: Mapping[str, Any]) -> dict[str, float]:
        """How wide each of these letters is by itself, in em, as our own labels print it; `data` as for `compile`."""
        template = PaperTemplate("labels.typ", b'#import "xlcrm.typ": *\n#letter-widths()\n', ours=True)
        text = json.dumps({**data, "letters": list(letters)}, ensure_ascii=False)
        job = TypstJob(self._root(template), template.name, text, system_fonts=False, asked="xlcrm-widths")
        found: list[list[float]] = self._ask(job, template)
        return dict(zip(letters, found[0], strict=True))

    def end(self) -> None:
        """End the process and clear the folders."""
        self._process.end()
        if self._folder is not None:
            self._folder.cleanup()
        self._folder, self._roots = None, {}

    def _ask(self, job: TypstJob, template: PaperTemplate) -> Any:
        seconds = SECONDS if template.ours else OWN_SECONDS
        try:
            return self._process.ask(job, seconds=seconds)
        except OverLimitError as over:
            if over.slow:
                raise CrmError("papers.template_slow", template=template.name, seconds=round(seconds)) from over
            raise CrmError("papers.template_big", template=template.name) from over

    def _root(self, template: PaperTemplate) -> str:
        """The folder with a template and what it may read, written once."""
        key = (template.name, template.source)
        if key not in self._roots:
            library = (DATA / "typst" / "xlcrm.typ").read_bytes()
            files = {**template.files, "xlcrm.typ": library, MAIN: _text(template)}
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="xlcrm-", ignore_cleanup_errors=True)
            root = Path(tempfile.mkdtemp(dir=self._folder.name))
            for name, content in files.items():
                (root / Path(name).name).write_bytes(content)
            self._roots[key] = str(root)
        return self._roots[key]


def _text(template: PaperTemplate) -> bytes:
    """The template in UTF-8 without byte-order mark; CrmError "papers.template_not_utf8"."""
    try:
        return template.source.decode("utf-8-sig").encode()
    except UnicodeDecodeError as fault:
        raise CrmError("papers.template_not_utf8", template=template.name) from fault


def compiled(job: TypstJob) -> Any:
    """Runs in the process: a job's PDF as a `TypstPart`, `MissingGlyphs` or a CrmError; or what the job asks."""
    import typst

    try:
        root = Path(job.root)
        nowhere = root / "packages"
        compiler = typst.Compiler(
            root / MAIN, root, font_paths=_fonts(job.system_fonts), sys_inputs={"data": job.data},
            package_path=nowhere, package_cache_path=nowhere,
        )  # fmt: skip
        if job.asked:
            return json.loads(compiler.query(f"<{job.asked}>", field="value"))
        pdf = _archived(compiler)
        unfit = json.loads(compiler.query("<xlcrm-unfit>", field="value"))
        return TypstPart(pdf, tuple(key for key in unfit if isinstance(key, str)))
    except typst.TypstError as fault:
        return told(job, fault.message, fault.diagnostic)
    except BaseException as fault:  # noqa: BLE001 - a panic of the compiler is none of Python's exceptions
        return CrmError("papers.template_fault", template=job.name, line="-", fault=str(fault)[:300])


def _archived(compiler: Any) -> bytes:
    """The document as PDF/A; as a plain PDF where it shows what an archive may not hold. No letter lacks its glyph."""
    import typst

    try:
        pdf = compiler.compile(format="pdf", pdf_standards="a-2u")
    except typst.TypstError as fault:
        if "PDF/A" not in fault.message or _GLYPH.search(fault.diagnostic):
            raise
        pdf = compiler.compile(format="pdf")
    return pdf if isinstance(pdf, bytes) else b""


def warm_up() -> None:
    """Runs in the process before its first job, so that nobody's template waits for typst to be loaded."""
    if find_spec("typst") is not None:
        _fonts(False)


@cache
def _fonts(system: bool) -> Any:
    """The fonts to print with; the first call also cuts this process off the internet."""
    import typst

    os.environ.update(dict.fromkeys(PROXIES, NO_PROXY_THERE), NO_PROXY="", no_proxy="")
    return typst.Fonts(include_system_fonts=system, font_paths=[DATA / "fonts"])


def told(job: TypstJob, message: str, diagnostic: str) -> MissingGlyphs | CrmError:
    """What typst says of a template, as our sentence; its own words are kept where we have none."""
    found = _LINE.search(diagnostic)
    line = found[1] if found else "-"
    glyphs = _GLYPH.findall(diagnostic)
    if glyphs:
        return MissingGlyphs(frozenset("".join(map(_unescaped, glyphs))), line)
    place = {"template": job.name, "line": line}
    name = _NAME.search(message)
    if name:
        word = next(filter(None, name.groups()), "")
        return misspelt("papers.template_name", word, known_names(json.loads(job.data)) | LIBRARY, **place)
    key = next((key for pattern, key in _KINDS if pattern.search(message)), "papers.template_fault")
    return CrmError(key, fault=message.replace(job.root, "")[:300], **place)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
