"""The web form: one page alone, whose own script saves answers that the inbox takes in as they were typed."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.support.importing_help import workbook
from tests.support.paths import ROOT
from xlcrm import words
from xlcrm.cli.commands import main
from xlcrm.errors import CrmError
from xlcrm.exports.web_form import web_form
from xlcrm.messages import LANGUAGES
from xlcrm.scheduling.inbox import take_in
from xlcrm.scheduling.inbox_folder import inbox_of
from xlcrm.session import Call
from xlcrm.settings import Settings
from xlcrm.xlsx.reading import read_tables

TODAY = dt.date(2026, 11, 28)
CALL = Call(dt.datetime(2026, 11, 28, 2, 30), "night")
SCRIPT = ROOT / "tests" / "support" / "fill_web_form.cjs"
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is missing")

# what people type, or what somebody types who means ill; as it has to stand in the workbook
EVIL = {
    "quotes": 'Ann "Annie" Hill',
    "semicolons and commas": "Hill; Lane, Ltd",
    "a formula": "=cmd|' /C calc'!A0",
    "a formula with a plus": "+1+cmd|' /C calc'!A0",
    "a wide formula": "\uff1dSUM(1)",
    "an at sign": "@SUM(1+1)",
    "umlauts": "Jürgen Weiß-Ångström",
    "an emoji": "Ann \U0001f331 Hill",
    "letters from elsewhere": "Σοφία Đặng 王",
    "a script": "</script><script>alert(1)</script>",
    "a header": "E-mail",
    "a backslash": r"C:\new\table",
}
NAMES = "Hill Brook Carter Dyer Ellis Fowler Gibbs Hayward Irving Jarvis Kemp Lowell".split()


class Page(HTMLParser):
    """What stands in a page: its tags with attributes, and for which fields there is a label."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))

    def of(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


def made(language: str = "en", page: str = "", asked: Sequence[str] = (), company: str = "", email: str = "") -> str:
    known = Settings(language=language, company=company, seller_email=email)
    return web_form(workbook(language), known, stem="My", today=TODAY, language=page, asked=asked).page


def filled(page: str, answers: Sequence[dict[str, object]], folder: Path) -> dict[str, Any]:
    """What the page said; its files are 1.csv and on in the folder."""
    (folder / "page.html").write_text(page, encoding="utf-8")
    (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
    command = ["node", str(SCRIPT), str(folder / "page.html"), str(folder / "answers.json"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_stands_alone_and_is_labelled(language: str) -> None:
    text = made(language, company="Hill & <b>Sons</b>", email="us@example.com")
    page = Page(text)
    assert not re.search(r"https?:|//[a-z]|url\(|@import|\bsrc=|fetch|XMLHttp|eval|innerHTML", text)
    assert page.of("html")[0]["lang"] == language and "<b>" not in text
    labels = {one["for"] for one in page.of("label")}
    fields = page.of("input", "select", "textarea")
    assert len(fields) > 10 and {one["id"] for one in fields} == labels
    assert "width=device-width" in str(page.of("meta"))
    boxes = [one for one in fields if one.get("type") == "checkbox"]
    assert len(boxes) == 3 and not any("checked" in one for one in boxes)
    headers = {one["data-header"] for one in fields if "data-header" in one}
    assert words.header("Clients", "email", language) in headers


def test_its_own_policy_lets_nothing_else_run() -> None:
    policy = next(str(one["content"]) for one in Page(made()).of("meta") if one.get("http-equiv"))
    assert policy.startswith("default-src 'none'; script-src 'sha256-") and "unsafe" not in policy


def test_another_language_keeps_the_workbooks_headers() -> None:
    text = made("it", "de", ["email", "preferred_contact"])
    page = Page(text)
    assert page.of("html")[0]["lang"] == "de" and "Antworten speichern" in text
    header = words.header("Clients", "preferred_contact", "it")
    assert header in {one.get("data-header") for one in page.of("select")}
    values = {one["value"] for one in page.of("option")}
    assert set(words.choices("contact", "it")) <= values


@pytest.mark.parametrize("name", ["client_id", "total_spend", "opt_out_email", "Shoe size", "consent_on"])
def test_what_no_form_can_ask_for_is_refused(name: str) -> None:
    with pytest.raises(CrmError) as fault:
        made(asked=[name])
    assert fault.value.key == "form.no_column"


@needs_node
def test_a_form_without_a_name_saves_nothing(tmp_path: Path) -> None:
    said = filled(made(), [{"E-mail": "ann@example.com"}, {"First name": "Ann", "E-mail": "ann@"}], tmp_path)
    assert said["files"] == [] and said["ticked"] == 0 and said["hidden"] is False
    assert said["problem"] == "This e-mail address does not look complete."


@needs_node
def test_answers_come_in_as_they_were_typed(book: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    told = runner.invoke(main, ["form", str(book), "--ask", "last name,company,E-mail,Notes"])
    assert told.exit_code == 0, told.output
    page = (tmp_path / "My form.html").read_text(encoding="utf-8")
    assert runner.invoke(main, ["form", str(book)]).exit_code == 2  # it is there already
    day = words.header("Clients", "consent_email_on", "en")
    answers: list[dict[str, object]] = [
        {"Last name": name, "Company": evil, "E-mail": f"{name}@example.com", "Notes": f"one\ntwo, {evil}", day: not n}
        for n, (name, evil) in enumerate(zip(NAMES, EVIL.values(), strict=True))
    ]
    inbox = inbox_of(book, "en")
    inbox.make()
    said = filled(page, answers, tmp_path)
    assert len(set(said["files"])) == len(EVIL)
    for number in range(1, len(EVIL) + 1):
        shutil.move(tmp_path / f"{number}.csv", inbox.path / said["files"][number - 1])
    taken = take_in(book, CALL, pause=0)[1]
    assert [(one.key, one.values.get("why")) for one in taken] == [("inbox.taken", None)] * len(EVIL)
    frame = read_tables.read(book)["Clients"].frame
    rows = frame.set_index("last_name").loc[NAMES]
    assert rows["company"].tolist() == list(EVIL.values())
    assert rows["notes"].tolist() == [f"one\ntwo, {evil}" for evil in EVIL.values()]
    today = f"{dt.date.today():%Y-%m-%d}"
    assert {f"{day:%Y-%m-%d}" for day in rows["registered_on"]} == {today}
    assert [str(one)[:10] for one in rows["consent_email_on"]] == [today, *["NaT"] * (len(EVIL) - 1)]
    assert rows["consent_email_source"].tolist()[0].startswith("Web form of ")
    assert rows["opt_out_email"].tolist() == [""] * len(EVIL)
