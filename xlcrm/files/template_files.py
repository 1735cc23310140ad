"""Template files: those that come with xlcrm, and the team's own beside the workbook, which win."""

from __future__ import annotations

from pathlib import Path

from xlcrm.errors import CrmError

SHIPPED = Path(__file__).parent.parent / "templates"


def load(book: Path) -> dict[str, str]:
    """File name -> text. A team's own folder "templates" beside the workbook may add files or replace shipped ones."""
    found: dict[str, str] = {}
    for folder in (shipped(), book.parent / "templates"):
        for path in sorted(folder.glob("*.*")) if folder.is_dir() else ():
            try:
                found[path.name] = path.read_text(encoding="utf-8-sig")
            except UnicodeDecodeError as fault:
                raise CrmError("templates.not_utf8", name=path.name, folder=str(folder)) from fault
            except OSError as fault:
                raise CrmError("templates.unreadable", name=path.name, folder=str(folder)) from fault
    return found


def shipped() -> Path:
    """The templates of an installed xlcrm, or of a checkout, where they stand at the top."""
    return SHIPPED if SHIPPED.is_dir() else SHIPPED.parent.parent / "templates"
