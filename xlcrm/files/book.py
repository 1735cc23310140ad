"""The Book protocol: what a workbook must do for a run, so that a closed file and a live Excel are interchangeable."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from xlcrm.plan import Plan
from xlcrm.tables import Tables


class Book(Protocol):
    """A workbook somebody works in. `path` is where it is (backups and journal stand beside it)."""

    @property
    def path(self) -> Path: ...

    @property
    def is_file(self) -> bool:
        """Whether the file itself can be replaced: not while a program has the workbook open."""

    @property
    def snapshot_is_seen(self) -> bool:
        """Whether the last snapshot holds the very bytes that `look` read, from a copy that nobody else writes."""

    def look(self) -> Tables:
        """The tables as the workbook stands now, without a backup: for the settings that a run needs first."""

    def snapshot(self, target: Path) -> object:
        """Save the workbook as it stands (unsaved edits included) as `target`, fsynced; its SHA-256 where known."""

    def apply(self, plan: Plan, tables: Tables) -> Plan:
        """Write what the plan names and nothing else; returns the plan with `before` cells exactly as they were.

        `tables` is what the plan was computed from. Before anything is written every `before` is compared with what
        the workbook holds now; where one differs, CrmError "apply.moved" names the first such cell and nothing changes.
        """
