"""Template files of papers: .typ and .docx, ours and those in the team's folder `templates` beside the workbook.

They are read as bytes with what they may show (pictures of the same folder); a link that leads out of the folder, what
is no file, or too large is refused where a list asks for it, as `files.template_files` does for texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from xlcrm.errors import CrmError
from xlcrm.files.template_files import content, shipped
from xlcrm.papers.paper_texts import PaperTemplate

FORMS = (".typ", ".docx")
PICTURES = (".png", ".jpg", ".jpeg", ".svg", ".gif", ".webp", ".pdf")
LARGEST = 20_000_000  # bytes of a template or a picture; of all pictures together three times that
MOST_PICTURES = 100


class PaperTemplates(Mapping[str, PaperTemplate]):
    """File name -> template, read when it is asked for; one that can't be used raises its CrmError then."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = folders  # file name -> the folder it is in

    def __getitem__(self, name: str) -> PaperTemplate:
        folder = self._folders[name]
        ours = folder == shipped()
        pictures = {} if ours or name.lower().endswith(".docx") else _pictures(folder)
        return PaperTemplate(name, _content(folder / name), pictures, ours)

    def __iter__(self) -> Iterator[str]:
        return iter(self._folders)

    def __len__(self) -> int:
        return len(self._folders)


def paper_templates(book: Path) -> PaperTemplates:
    """The .typ and .docx for a workbook: ours, and those in the folder `templates` beside it, which win."""
    found: dict[str, Path] = {}
    for folder in (shipped(), book.parent / "templates"):
        found |= {path.name: folder for path in _files(folder) if path.suffix.lower() in FORMS}
    return PaperTemplates(found)


def _files(folder: Path) -> list[Path]:
    """What lies in a folder, but for what systems and Office leave there (.DS_Store, ~$letter.docx)."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith((".", "~")))
    except OSError:
        return []


def _pictures(folder: Path) -> dict[str, bytes]:
    """The pictures beside a template; one that can't be read is missing where the template shows it."""
    found: dict[str, bytes] = {}
    paths = [path for path in _files(folder) if path.suffix.lower() in PICTURES]
    for path in paths[:MOST_PICTURES]:
        try:
            picture = _content(path)
        except CrmError:
            continue
        if sum(map(len, found.values())) + len(picture) <= 3 * LARGEST:
            found[path.name] = picture
    return found


def _content(path: Path) -> bytes:
    """What a file holds; CrmError "templates.elsewhere" or "unreadable", or "papers.template_file_size"."""
    mb = LARGEST // 1_000_000
    too_large = CrmError("papers.template_file_size", template=path.name, folder=str(path.parent), mb=mb)
    return content(path, LARGEST, too_large)
