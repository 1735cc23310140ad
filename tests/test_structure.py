"""Holds what the README claims about the code: imports point inward, heads say what it is, messages are complete."""

from __future__ import annotations

import ast
import csv
import re
import string
import tomllib
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from xlcrm import messages, schema, words

PACKAGE = ROOT / "xlcrm"
OUTER = {
    "building",
    "cli",
    "excel",
    "files",
    "install",
    "ribbon",
    "scheduling",
    "sources",
    "upgrading",
    "worker",
    "xlsx",
}  # packages that touch a disk or a workbook
OUTER_MODULES = {
    "__init__.py", "__main__.py", "actions.py", "os_errors.py", "run.py", "session.py",
    "backups/adoption.py", "backups/belonging.py", "backups/checksums.py", "backups/history.py",
    "backups/combining_run.py", "backups/conflict_copies.py", "backups/issued_again.py", "backups/journal_file.py",
    "backups/put_back.py", "backups/store.py", "backups/table_cache.py", "backups/verify.py",
    "handing_out/hand_out.py", "issuing/issuing_actions.py",
    "privacy/lock_book.py", "privacy/breach_run.py",
    "papers/docx_filling.py", "papers/docx_package.py", "papers/paper_starters.py", "papers/document_press.py",
    "papers/paper_templates.py", "papers/printing.py", "papers/typst_engine.py", "papers/word_letters.py",
    "privacy/about_run.py", "privacy/client_files.py", "forgetting/forget_progress.py", "forgetting/forget_run.py",
    "forgetting/forgotten_file.py", "forgetting/part_traces.py",
}  # fmt: skip
SPREADSHEETS = {"xlwings", "openpyxl", "fastexcel", "python_calamine", "zipfile", "click"}
TERMINAL = {"tour"}  # it speaks to a terminal, and touches no workbook
OUTER_NAMES = {"xlcrm." + name[:-3].replace("/", ".") for name in OUTER_MODULES if "__" not in name}
MODULES = sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def is_core(path: Path) -> bool:
    inner = path.relative_to(PACKAGE)
    return inner.parts[0] not in OUTER and inner.as_posix() not in OUTER_MODULES


@pytest.mark.parametrize("path", [p for p in MODULES if is_core(p)], ids=lambda p: str(p.relative_to(PACKAGE)))
def test_the_core_imports_no_adapter_and_no_spreadsheet(path: Path) -> None:
    outward = {
        name
        for name in imports(path)
        if name in OUTER_NAMES
        or any(name.startswith(f"xlcrm.{outer}.") or name == f"xlcrm.{outer}" for outer in OUTER)
        or (name.split(".")[0] in SPREADSHEETS and path.stem not in TERMINAL)
    }
    assert not outward


def test_only_the_live_adapter_imports_xlwings() -> None:
    users = {
        p.relative_to(PACKAGE).as_posix() for p in MODULES if any(n.split(".")[0] == "xlwings" for n in imports(p))
    }
    assert all(user.startswith("excel/") for user in users)
    assert not any(name.startswith("xlwings.pro") for p in MODULES for name in imports(p))


@pytest.mark.parametrize(("call", "where"), [("Store", "session.py"), ("Journal", "backups/store.py")])
def test_the_store_and_its_journal_are_built_in_one_place(call: str, where: str) -> None:
    users = [p.relative_to(PACKAGE).as_posix() for p in MODULES for node in ast.walk(ast.parse(p.read_text("utf-8")))
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == call]  # fmt: skip
    assert users == [where]


def test_openpyxl_never_loads_a_workbook_in_the_program() -> None:
    loaders = [p.name for p in MODULES if "load_workbook" in p.read_text(encoding="utf-8")]
    assert loaders == []


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_every_package_is_installed() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"])
    there = {".".join(p.parent.relative_to(ROOT).parts) for p in PACKAGE.rglob("__init__.py")} | {"xlcrm.templates"}
    assert listed == there


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_messages_have_the_same_places_in_six_languages() -> None:
    wrong = []
    for key, sentences in messages.catalogue().items():
        for language in messages.LANGUAGES:
            if not sentences.get(language) or placeholders(sentences[language]) != placeholders(sentences["en"]):
                wrong.append((key, language))
    assert wrong == []


def test_no_message_key_stands_twice() -> None:
    keys = []
    for path in (PACKAGE / "messages").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            keys += [row["key"] for row in csv.DictReader(file)]
    assert [key for key in keys if keys.count(key) > 1] == []


@pytest.mark.parametrize("spec", schema.with_parts(tuple(schema.PARTS)), ids=lambda spec: spec.name)
@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_every_column_has_a_header_that_is_understood_again(spec: schema.TableSpec, language: str) -> None:
    headers = [words.header(spec.name, column.name, language) for column in spec.columns]
    assert len({header.casefold() for header in headers}) == len(headers)
    assert [words.column_of(spec.name, header) for header in headers] == [column.name for column in spec.columns]


def test_choices_are_understood_in_every_language() -> None:
    groups = {
        column.choices for spec in schema.with_parts(tuple(schema.PARTS)) for column in spec.columns if column.choices
    }
    for group in groups:
        for language in messages.LANGUAGES:
            shown = words.choices(group, language)
            assert len({words.choice(group, word) for word in shown} - {""}) == len(shown), (group, language)


KEY = re.compile(
    r"""(?:CrmError|ExcelLostError|Problem|FieldError|text|say)\(\s*["']([a-z_]+\.[a-z_]+(?:\.[a-z_]+)?)["']"""
)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_every_sentence_that_the_code_names_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = set(KEY.findall(text)) | set(re.findall(r'"(book\.[a-z_]+)"', text))
    assert named - set(messages.catalogue()) == set()
