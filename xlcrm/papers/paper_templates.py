"""Template files of papers: .typ and .docx, ours and those in the team's folder `templates` beside the workbook.

They are read as bytes with what they may show (pictures of the same folder); a link that leads out of the folder, what
is no file, or too large is refused where a list asks for it, as `files.template_files` does for texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from xlcrm.papers.paper_texts import PaperTemplate


def paper_templates(book: Path) -> Mapping[str, PaperTemplate]:
    """File name -> template, for all .typ and .docx; asking for one that can't be used raises its CrmError."""
    raise NotImplementedError
