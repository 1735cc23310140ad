"""Adoption of backups: which stores within reach are not a workbook's own, and how it takes one over when told to.

For what no rule can tell: a workbook whose identity is lost and whose clients have all changed, or a store of an
earlier version in which nobody's clients are alike any more.
"""

from __future__ import annotations

from typing import NamedTuple

from xlcrm.actions import Action
from xlcrm.backups import belonging, checksums
from xlcrm.backups.belonging import Label
from xlcrm.backups.journal_file import Journal
from xlcrm.backups.store import Store
from xlcrm.errors import CrmError
from xlcrm.plan import Plan
from xlcrm.run import run
from xlcrm.session import Session
from xlcrm.xlsx import identity


class OtherStore(NamedTuple):
    """A store that is not the workbook's own, and how many backups it has."""

    label: Label
    backups: int


def other_stores(store: Store) -> list[OtherStore]:
    """The stores within reach that no workbook uses any more, with at least one backup."""
    found = []
    for label in belonging.within_reach(store.book, store.folder, chosen=store.chosen):
        if label in (store.label, *_known(store)) or _user(store, label):
            continue
        count = sum((label.folder / name).exists() for name in checksums.read(label.list))
        if count:
            found.append(OtherStore(label, count))
    own = {backup.name for backup in store.backups()}
    left = [name for name in checksums.read(store.index) if name not in own and (store.folder / name).exists()]
    if left:  # the same list, of an earlier version, has those of another
        found.append(OtherStore(store.label, len(left)))
    return found


def _known(store: Store) -> list[Label]:
    """Stores without identity are found by the workbook's name alone."""
    reach = belonging.within_reach(store.book, store.folder, chosen=store.chosen)
    return [label for label in reach if not label.identity and label.stem != store.book.stem]


def _user(store: Store, label: Label) -> str:
    """Where the workbook is that uses a store, "" where none does."""
    place = Journal(label.journal).place()
    used = label.identity and belonging.is_elsewhere(store.book, label.folder, place, label.identity, store.password)
    return place if used else ""


def adopt(session: Session, wanted: str) -> tuple[int, str]:
    """Takes over the store called `wanted`: how many backups it has then, and the name of the one from before.

    The workbook gets the store's identity by a run like any other. A store of an earlier version gets the workbook's.
    CrmError "doctor.adopt_unknown", "doctor.adopt_in_use".
    """
    store = session.store
    found = list(belonging.within_reach(store.book, store.folder, chosen=store.chosen))
    label = next((label for label in found if label.text == wanted), None)
    if label is None:
        raise CrmError("doctor.adopt_unknown", label=wanted, name=session.path.name)
    if place := _user(store, label):
        raise CrmError("doctor.adopt_in_use", label=wanted, place=place, name=session.path.name)
    store.take_over(label)
    given = store.identity or identity.new()
    plan = Plan("adopt", identity=given)
    outcome = run(session, Action("adopt", lambda _: lambda tables, settings, today: plan, needs_clients=False))
    return len(store.backups()), outcome.backup.name if outcome.backup else "-"
