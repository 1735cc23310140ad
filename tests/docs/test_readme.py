"""The README shows nothing that doesn't work: its Python runs, its links lead somewhere, its layout is the tree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import xlcrm
from tests.support.live_help import three_clients
from tests.support.paths import ROOT
from xlcrm.cli.commands import main

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "LICENSE-DATA.md", *sorted((ROOT / "docs").glob("*.md"))]


def code() -> list[str]:
    """The lines of the README's Python."""
    found = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert found
    return [line for line in found[1].splitlines() if line]


def test_the_python_runs_and_gives_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    three_clients(tmp_path / "MyClients.xlsm")
    sheet = xlcrm.open("MyClients.xlsm").tables["Clients"].sheet
    (tmp_path / "Any.xlsx").write_bytes((tmp_path / "MyClients.xlsm").read_bytes())
    known: dict[str, object] = {}
    promised = 0
    for line in code():
        line = line.replace('"Sheet1", {"B2": 5, "C2": "007"}', f'"{sheet}", {{"AZ9": 5}}')
        if promise := re.search(r'  # (".*?")$', line):
            assert eval(line, known) == eval(promise[1])
            promised += 1
        else:
            exec(line, known)
    assert promised == 3


def test_every_public_name_is_shown() -> None:
    shown = set(re.findall(r"`(\w+)`|xlcrm\.(\w+)", README.split("## For people who script")[1].split("\n## ")[0]))
    names = {first or second for first, second in shown}
    assert set(xlcrm.__all__) - {"__version__"} <= names


def test_every_option_of_the_readme_exists() -> None:
    known = {option for command in main.commands.values() for part in command.params for option in part.opts}
    block = README.split("## A client file in five minutes")[1].split("| command |")[0]
    assert set(re.findall(r"(?<![\w-])--[a-z-]+", block)) <= known | {"--help"}


def test_the_layout_names_every_folder() -> None:
    layout = README.split("## Where things are")[1].split("```")[1]
    folders = {path.parent.name for path in (ROOT / "xlcrm").glob("*/__init__.py")}
    assert [name for name in folders if f"{name}/" not in layout] == []
    named = set(re.findall(r"^  ([a-z_]+(?:\.py|/)(?: [a-z_]+(?:\.py|/))*)", layout, re.MULTILINE))
    gone = [word for line in named for word in line.split() if not (ROOT / "xlcrm" / word).exists()]
    assert gone == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
