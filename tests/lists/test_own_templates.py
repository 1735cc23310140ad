"""A team's own templates: what is in their folder, and that none exhausts the machine."""

from __future__ import annotations

import csv
import datetime as dt
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.paths import CASES
from xlcrm.errors import CrmError
from xlcrm.files import limited_process, template_files
from xlcrm.files.rendering_process import RenderingProcess
from xlcrm.lists.rendering import RenderJob, render
from xlcrm.settings import Settings

with (CASES / "template_attacks.csv").open(encoding="utf-8", newline="") as _file:
    ATTACKS = list(csv.DictReader(_file))
KEYS = {
    "big": {"lists.template_big"},
    "slow": {"lists.template_slow"},
    "long": {"lists.template_too_long", "lists.template_slow", "lists.template_big"},
    "fault": {"lists.template_fault"},
    "name": {"lists.template_name"},
}
posix = pytest.mark.skipif(os.name == "nt", reason="pipes and links as POSIX has them")


def job(source: str, form: str = "txt", **values: object) -> RenderJob:
    return RenderJob(f"mine.{form}", source, form, "en", [], {"settings": Settings(), **values})


@pytest.fixture(scope="module")
def process() -> Iterator[RenderingProcess]:
    made = RenderingProcess(seconds=4, memory=300 << 20)
    yield made
    made.end()


@pytest.mark.parametrize("case", ATTACKS, ids=lambda case: case["why"])
def test_a_template_that_takes_too_much_is_named(case: dict[str, str], process: RenderingProcess) -> None:
    if process.over_there._process is None:
        process.render(job("it is up"))
    begun = time.monotonic()
    try:
        process.render(job("first line\n" + case["template"]))
        key = ""
    except CrmError as fault:
        key = fault.key
        assert fault.values["template"] == "mine.txt"
        assert fault.values.get("line", "-") in ("-", "1", "2", 1, 2)
    assert time.monotonic() - begun < 30
    assert key in KEYS.get(case["ends"], {"", *set().union(*KEYS.values())})


def test_an_own_template_makes_what_it_would_have_made_here(process: RenderingProcess) -> None:
    source = "{{ t('lists.total') }}: {{ total|money('EUR') }} {{ word('Clients', 'city') }} {{ settings.country }}"
    given = job(source, total=12)
    assert process.render(given) == render(given)
    table = RenderJob("mine.columns.txt", "A | row.a\nB | row", "xlsx", "en", [{"row": {"a": 5}}], {"list": "x"})
    assert process.render(table) == render(table)


def test_ours_need_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited_process.LimitedProcess, "_started", lambda self: pytest.fail("started"))
    source = (template_files.shipped() / "mailing.txt").read_text(encoding="utf-8")
    told = RenderingProcess().render(job(source, list="L", today=dt.date(2026, 11, 27), clients=[]))
    assert isinstance(told, str)
    assert told.startswith("L (")


@pytest.mark.parametrize("name", ["mailing.txt", "Brief.HTML", "page.htm", "none"])
def test_a_script_in_a_cell_is_shown_in_html(name: str) -> None:
    made = render(RenderJob(name, "<p>{{ note }}</p>", "html", "en", [], {"note": "<script>alert(1)</script>"}))
    assert made == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"


def link_out(path: Path) -> None:
    path.symlink_to(__file__)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def many(path: Path) -> None:
    path.write_bytes(b"x" * 2_000_000)


def picture(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")


IN_THE_FOLDER: list[tuple[str, Callable[[Path], object], str, str]] = [
    (".DS_Store", picture, "", "a Mac's own file"),
    ("logo.png", picture, "templates.not_utf8", "a picture"),
    ("old.txt", Path.mkdir, "", "a folder with a template's name"),
    ("gone.txt", lambda path: path.symlink_to("nowhere"), "", "a dead link"),
    ("round.txt", lambda path: path.symlink_to(path), "", "a link to itself"),
    ("pipe.txt", lambda path: os.mkfifo(path), "templates.no_text", "a pipe that nobody fills"),
    ("zero.txt", device, "templates.elsewhere", "a device without end"),
    ("out.txt", link_out, "templates.elsewhere", "another file of the machine"),
    ("long.txt", many, "templates.no_text", "two megabytes"),
]


@posix
@pytest.mark.parametrize(("name", "make", "key", "why"), IN_THE_FOLDER, ids=[case[-1] for case in IN_THE_FOLDER])
def test_only_the_list_that_asks_for_it_is_refused(
    tmp_path: Path, name: str, make: Callable[[Path], object], key: str, why: str
) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    make(folder / name)
    found = template_files.load(tmp_path / "My.xlsm")
    assert found["mine.txt"] == "mine"
    assert "mailing.txt" in set(found)
    assert (name in found) == bool(key)
    if key:
        with pytest.raises(CrmError) as refused:
            found[name]
        assert refused.value.key == key
        assert name not in set(found), "not offered where templates are named"


def test_the_process_needs_no_resource_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited_process, "memory_of", lambda process: 0)
    made = RenderingProcess(seconds=1)
    try:
        with pytest.raises(CrmError) as refused:
            made.render(job("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"))
        assert refused.value.key == "lists.template_slow"
        assert refused.value.values["line"] == 1
    finally:
        made.end()
