"""Our own macros and ribbon in an older file, replaced where they are ours alone; whatever a person put in stays.

Modules of their own in the same project are kept as they are, and compiled anew by Excel.
"""

from __future__ import annotations

import re
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

from xlcrm.building import macro_workbook, ribbon_xml
from xlcrm.upgrading.package_draft import PackageDraft

_ID = re.compile(r'\sid(?:Mso|Q)?="([^"]*)"')


def renew_macros(draft: PackageDraft, language: str) -> bool:
    """Bring our two modules up to date; whether they were not.

    A project without them, with a password, or in a form that can't be read stays as it is.
    """
    from pyopenvba.exceptions import PyOpenVBAError

    part, new = draft.book.related("vbaProject"), b""
    with suppress(PyOpenVBAError):
        new = _project(draft.read(part), language) if part else b""
    if new:
        draft.put(part, new)
    return bool(new)


def _project(data: bytes, language: str) -> bytes:
    """A VBA project with our modules as they are now; b"" where there is nothing to do or it is not to be touched."""
    from pyopenvba import ExcelFile

    with tempfile.TemporaryDirectory(prefix="xlcrm-") as folder:
        path = Path(folder) / "project.xlsm"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("xl/vbaProject.bin", data)
        with ExcelFile(str(path)) as book:
            vba = book.vba_project()
            modules = {module.name: module for module in vba.modules}
            if not set(macro_workbook.MODULES) <= set(modules) or (vba.protection and vba.protection.has_password):
                return b""
            if not _renewed(modules, language):
                return b""
            book.save()
        with ExcelFile(str(path)) as book:
            return macro_workbook.uncompiled(bytes(book.vba_project_bytes()))


def _renewed(modules: dict[str, object], language: str) -> bool:
    """Give our modules their text of today; whether one of them had another."""
    changed = False
    for name in macro_workbook.MODULES:
        module, text = modules[name], macro_workbook.with_crlf(macro_workbook.source(name, language))
        if module.source.strip() != text.strip():  # type: ignore[attr-defined]
            module.source, module.dirty, changed = text, True, True  # type: ignore[attr-defined]
    return changed


def renew_ribbon(draft: PackageDraft, language: str) -> bool:
    """Bring our ribbon parts up to date; whether they were not. One that holds anything of others stays."""
    changed = False
    for _, part in draft.book.package.related("", "extensibility"):
        old = draft.read(part).decode("utf-8", "replace")
        for new in ribbon_xml.parts(language).values():
            same_kind = _space(old) == _space(new)
            if same_kind and old != new and all(_is_ours(name) for name in _ID.findall(old)):
                draft.put(part, new.encode())
                changed = True
    return changed


def _space(xml: str) -> str:
    found = re.search(r'xmlns="([^"]*)"', xml)
    return found[1] if found else ""


def _is_ours(name: str) -> bool:
    return name.startswith("xlcrm")
