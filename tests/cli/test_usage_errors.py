"""Who mistypes a command reads one sentence in his language, never click's English."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.support.paths import CASES
from xlcrm.cli.commands import main

with (CASES / "usage.csv").open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file))


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case["why"])
def test_a_mistyped_command_is_answered_in_the_users_language(
    case: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XLCRM_LANGUAGE", case["language"])
    with pytest.raises(SystemExit) as stopped:
        main(case["arguments"].split(), prog_name="xlcrm")
    told = capsys.readouterr().err
    assert stopped.value.code == 2
    assert told.startswith(case["starts"])
    assert list(tmp_path.iterdir()) == []
