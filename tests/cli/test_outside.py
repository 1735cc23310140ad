"""Whatever is around a command, its exit code is true and it is told somewhere (whole: benchmarks/outside.py)."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.outside import OUTSIDES, Outside, run_in
from xlcrm import messages
from xlcrm.cli import performing, telling
from xlcrm.cli.commands import main
from xlcrm.files import interrupts, note_beside
from xlcrm.files.durable import sha256_of

SHORT = ("cp1252", "full", "all closed", "no account", "folder gone", "umask 777")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="these environments are made by a POSIX system")


@pytest.mark.parametrize("outside", [one for one in OUTSIDES if one.name in SHORT], ids=lambda one: one.why)
def test_exit_codes_are_true_whatever_the_outside_does(outside: Outside, book: Path) -> None:
    ended = run_in(outside, ["split", str(book), *outside.extra], book)
    assert ended.faults() == []
    assert ended.changed or ended.code == 2


def test_a_refusal_that_nobody_hears_stands_beside(book: Path) -> None:
    closed = next(one for one in OUTSIDES if one.name == "all closed")
    ended = run_in(closed, ["undo", str(book), "7"], book)
    assert (ended.code, ended.changed) == (2, False)
    (note,) = ended.beside
    assert messages.text("beside.not_updated", "en") in note.name
    assert "7" in note.read_text(encoding="utf-8-sig")


def test_notes_go_with_the_next_good_run(book: Path) -> None:
    mine = book.with_name("My.xlsm NOT UPDATED soon.txt")
    mine.write_text("not one of ours", encoding="utf-8")
    for language in messages.LANGUAGES:
        for kind in (note_beside.NOT_UPDATED, note_beside.NOT_SHOWN):
            book.with_name(f"My.xlsm {messages.text(kind, language)} 2026-11-20.txt").touch()
    assert CliRunner().invoke(main, ["split", str(book)]).exit_code in (0, 1)
    assert list(book.parent.glob("*.txt")) == [mine]


@pytest.mark.parametrize(("changed", "code"), [(False, 2), (True, 1)])
@pytest.mark.parametrize("fault", [KeyboardInterrupt, MemoryError, RecursionError])
def test_what_nobody_foresaw_is_told_by_the_bytes(
    book: Path, monkeypatch: pytest.MonkeyPatch, fault: type[BaseException], changed: bool, code: int
) -> None:
    def fail(*_: object) -> None:
        if changed:
            book.write_bytes(book.read_bytes() + b"\0")
        raise fault

    monkeypatch.setattr(performing, "_run", fail)
    result = CliRunner().invoke(main, ["split", str(book)])
    assert result.exit_code == code
    assert "Traceback" not in result.output


@pytest.mark.parametrize("where", ["_tell", "Progress.__exit__"])
def test_a_run_whose_sentences_fail_is_no_refusal(book: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(f"xlcrm.cli.performing.{where}", fail)
    before = sha256_of(book)
    result = CliRunner().invoke(main, ["split", str(book)])
    assert (result.exit_code, sha256_of(book) == before) == (1, False)
    assert "xlcrm undo" in result.output


def test_an_interrupt_after_the_write_ends_as_the_run_did(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = interrupts.hold

    def hold() -> None:
        held()
        signal.raise_signal(signal.SIGINT)  # to this thread, and at once

    monkeypatch.setattr(interrupts, "hold", hold)
    before = sha256_of(book)
    result = CliRunner().invoke(main, ["split", str(book)])
    assert result.exit_code in (0, 1)
    assert "undo" in result.output.lower()
    assert sha256_of(book) != before


def test_an_interrupt_before_the_write_changes_nothing(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xlcrm.files import file_book

    def stop(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)  # to this thread, and at once

    monkeypatch.setattr(file_book, "_last_look", stop)
    before = sha256_of(book)
    result = CliRunner().invoke(main, ["lists", str(book), "--mark-invoiced"])
    result = CliRunner().invoke(main, ["split", str(book)])
    assert result.exit_code == 2
    assert sha256_of(book) == before


@pytest.mark.parametrize(
    ("given", "shown", "why"),
    [
        ("Anna\x1b[31m", "Anna\\u001b[31m", "ESC colours the terminal or asks it to answer"),
        ("ring\x07", "ring\\u0007", "BEL rings"),
        ("a\x9b2Jb", "a\\u009b2Jb", "the one-byte form of ESC ["),
        ("abc\u202egpj.exe", "abc\\u202egpj.exe", "letters turned round"),
        ("a\u2066b\u2069", "a\\u2066b\\u2069", "isolated and turned round"),
        ("line\rover", "line\\u000dover", "a line written over"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab", "what our own sentences are made of"),
        ("שלום, مرحبا", "שלום, مرحبا", "letters of other scripts"),
        ("Łukasz 🙂 e\u0301", "Łukasz 🙂 e\u0301", "letters and signs that people type"),
    ],
)  # fmt: skip
def test_nothing_of_a_cell_works_the_terminal(given: str, shown: str, why: str) -> None:
    assert telling.shown(given) == shown, why
