"""Forgetting a client in one run: out of the workbook, then out of the journal, and where asked of every backup.

The order makes a kill harmless at any moment. A hidden note says whom; then the workbook is replaced as in every run;
then follow the file of hashes, the journal, the older backups, the backup that the run itself took (the last that still
tells whose traces to look for), and the end of the note. Before the workbook is replaced the client is whole, after it
the next run of any command ends what is left.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from xlcrm import messages
from xlcrm.backups import checksums, table_cache
from xlcrm.backups.retention import Rules, last_day
from xlcrm.backups.store import Backup
from xlcrm.checks import contact_dues
from xlcrm.errors import CrmError
from xlcrm.files import encryption
from xlcrm.files.durable import sha256_of
from xlcrm.files.private import private_file
from xlcrm.files.replace import clean_kept, replace_bytes
from xlcrm.forgetting import forget_progress, forgotten, forgotten_file, part_traces
from xlcrm.forgetting.erasing import erased_plan, erasing_plan
from xlcrm.forgetting.forget_progress import ForgetProgress
from xlcrm.forgetting.traces import HOLDERS, Erasure, Who, erasure, named
from xlcrm.merging.alias_table import id_keys
from xlcrm.os_errors import refusing
from xlcrm.plan import Added, Plan
from xlcrm.privacy import client_files
from xlcrm.problems import Problem
from xlcrm.session import Session
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.values import text_of
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.writing import apply_plan

if TYPE_CHECKING:
    from xlcrm.actions import Operation


@dataclass(frozen=True)
class ForgetAsked:
    """What somebody asked for: numbers of clients and people, or all who are due."""

    clients: tuple[str, ...] = ()
    due: bool = False
    keep_invoices: bool = False
    everywhere: bool = False


def forget(session: Session, asked: ForgetAsked, salt: str, rules: Rules) -> Operation:
    """What takes clients out for good. CrmError "forget.nobody", "forget.no_table", and as of `traces.named`."""
    if not asked.clients and not asked.due:
        raise CrmError("forget.nobody")

    def operation(tables: Tables, settings: Settings, today: dt.date) -> Plan:
        if forgotten.NAME not in tables:
            raise CrmError("forget.no_table", name=session.path.name)
        ids = contact_dues.due(tables, settings, today) if asked.due else asked.clients
        if asked.clients and _is_done(session, tables, asked.clients):
            return Plan("forget", notes=(("forget.already", {}),))
        if not ids:
            return Plan("forget", notes=(("forget.nobody_due", {}),), nothing_to_do=True)
        return _planned(session, tables, tuple(ids), asked, salt, rules)

    return operation


def _is_done(session: Session, tables: Tables, ids: tuple[str, ...]) -> bool:
    """Whether all of them were forgotten before, and no backup holds one of them any more."""
    bare = pd.DataFrame({"client_id": list(ids)}, dtype="str")
    if not forgotten.returning(bare, forgotten_file.known(session, tables)).all():
        return False
    keys = frozenset(id_keys(bare["client_id"]))
    who = Who(keys, keys)
    return not any(stands_in(held, who) for held in (tables, *(held for _, held in older_backups(session)[0])))


def _planned(
    session: Session, tables: Tables, ids: tuple[str, ...], asked: ForgetAsked, salt: str, rules: Rules
) -> Plan:
    older, closed = older_backups(session)
    held = [tables, *(known for _, known in older)]
    who, country = named(held, ids), session.settings.country
    found = erasure(held, who, country=country, keep_invoices=asked.keep_invoices, everywhere=asked.everywhere)
    made = erasing_plan(tables, found)
    added = _hash_rows(session, held, who, salt)
    issued = client_files.issued_to(tables, who)
    counts = made.counts()
    whom: list[tuple[str, dict[str, object]]]
    whom = [("forget.whom", {"names": client_files.listed(names_of(held, who), most=10)})]
    notes: list[tuple[str, dict[str, object]]] = [
        *(whom if session.call.dry_run else []),  # to be agreed with; what is done keeps nobody's name
        ("forget.done", {"n": len(ids), "rows": counts["removed"], "cells": counts["cells"]}),
        ("forget.no_undo", {}),
        _of_backups(session, older, who, rules, everywhere=asked.everywhere),
    ]
    notes += [("forget.documents", {"n": len(issued), "names": client_files.listed(issued["number"])})] * bool(
        len(issued)
    )
    notes += [("forget.save", {})] * (not session.book.is_file)
    files = [Problem("forget.file", value=name, level="note") for name in client_files.holding(session.path, found)]
    shut = [Problem("forget.backup_shut", value=name, level="doubt") for name in closed]
    return replace(made, added=added, notes=tuple(notes), problems=(*shut, *files))


def names_of(held: Sequence[Tables], who: Who) -> list[str]:
    """Those who are forgotten, as "Mario Rossi (C0042)": clients, then people who aren't of one of them."""
    found: dict[str, str] = {}
    for name, column, wanted in (("Clients", "client_id", who.clients), ("People", "person_id", who.people)):
        for tables in held:
            if name in tables:
                frame = tables[name].frame
                for row in frame[id_keys(frame[column]).isin(wanted).to_numpy(dtype=bool)].to_dict("records"):
                    told = [text_of(row.get(part)) for part in ("full_name", "company")]
                    number = text_of(row[column])
                    found.setdefault(number, " ".join(filter(None, (next(filter(None, told), ""), f"({number})"))))
    return list(found.values())


def _hash_rows(session: Session, held: Sequence[Tables], who: Who, salt: str) -> tuple[Added, ...]:
    """The rows for the table Forgotten that it doesn't have yet."""
    known = forgotten_file.known(session, held[0])
    theirs, shared = [], []
    for name, column, wanted in (("Clients", "client_id", who.numbers), ("People", "person_id", who.people)):
        for place, tables in enumerate(held):
            if name in tables and column in tables[name].frame:
                frame = tables[name].frame
                mine = id_keys(frame[column]).isin(wanted).to_numpy(dtype=bool)
                theirs.append(frame[mine])
                shared += [frame[~mine]] if place == 0 else []
    today, country = session.today, session.settings.country
    rows = forgotten.forgotten_rows(theirs, forgotten.salt_of(known) or salt, today, country=country, shared=shared)
    new = rows[~rows["hash"].isin(set(known["hash"]))].reset_index(drop=True)
    return (Added(forgotten.NAME, new),) if len(new) else ()


def _of_backups(
    session: Session, older: Sequence[tuple[Backup, Tables]], who: Who, rules: Rules, *, everywhere: bool
) -> tuple[str, dict[str, object]]:
    """The sentence about backups: how many are written anew, or when the last that holds somebody goes."""
    others = older if session.call.dry_run else older[:-1]  # the last is the run's own, which is cleaned in any case
    there = [backup.name for backup, tables in others if stands_in(tables, who)]
    if everywhere or not there:
        return "forget.everywhere", {"n": len(there)}
    everything = session.store.backups()
    moments = [backup.moment for backup in everything]
    places = [place for place, backup in enumerate(everything) if backup.name in there]
    day = max(last_day(moments, place, rules, session.call.now) for place in places)
    return "forget.backups_until", {"n": len(there), "day": f"{day:%Y-%m-%d}"}


def stands_in(tables: Tables, who: Who) -> bool:
    for name, column, wanted in (("Clients", "client_id", who.numbers), ("People", "person_id", who.people)):
        if name in tables and id_keys(tables[name].frame[column]).isin(wanted).any():
            return True
    return False


def older_backups(session: Session) -> tuple[list[tuple[Backup, Tables]], list[str]]:
    """The backups with the tables that say who is in them, oldest first, and the names of those that stay shut."""
    found, shut = [], []
    for backup in session.store.backups():
        try:
            with session.store.opened(backup) as plain:
                held = read_tables.read(plain)
                names = {name for name, _, _ in HOLDERS} & set(held)
                found.append((backup, Tables.of(*(held[name] for name in sorted(names)))))
        except (CrmError, OSError):
            shut.append(backup.name)
    return found, shut


# What comes after the workbook.


def begin(session: Session, found: Erasure, backup: str) -> None:
    """Put the note, right before the workbook is replaced."""
    who = found.who
    progress = ForgetProgress(
        tuple(sorted(who.clients)), tuple(sorted(who.people)), tuple(sorted(who.deals)), tuple(sorted(who.former)),
        found.keep_invoices, found.everywhere, backup, documents=tuple(sorted(who.documents)),
    )  # fmt: skip
    forget_progress.keep(session.store, progress)


def is_left(session: Session) -> bool:
    """Whether an earlier run left something to be ended; a note about clients who are all there says nothing."""
    progress = forget_progress.begun(session.store)
    if progress is None:
        return False
    who = _who(progress)
    if stands_in(session.seen, who):
        if not session.call.dry_run:
            forget_progress.end(session.store)
        return False
    return True


def _who(progress: ForgetProgress) -> Who:
    told = (progress.clients, progress.people, progress.deals, progress.former, progress.documents)
    return Who(*map(frozenset, told))


def finish(session: Session, plan: Plan | None = None) -> None:
    """End what a run has begun: hashes, journal, backups; what could not be done is warned of.

    plan  the run's own, which the workbook has by now; None after a kill: it is made again from what is left
    """
    progress = forget_progress.begun(session.store)
    if progress is None:
        return
    try:
        _end(session, progress, plan)
    except CrmError as fault:  # the workbook is done: the note stays, and the next run goes on
        session.call.warn(messages.text("forget.unfinished", session.language, why=fault.text(session.language)))


def _end(session: Session, progress: ForgetProgress, plan: Plan | None) -> None:
    with refusing(session.store.folder):
        table_cache.drop(session.store.folder)
    _settle(session, progress)
    found = (plan and plan.forgets) or _found_again(session, progress)
    added = [part.rows for part in plan.added if part.table == forgotten.NAME] if plan else []
    forgotten_file.save(session.store, forgotten_file.known(session, added=added))
    session.journal.redact(lambda plan: erased_plan(plan, found), found.scrubber.scrubbed)
    _scrub_memory(session, found)
    _tell_of_parts(session, found)
    for backup in _order(session.store.backups(), progress):
        _clean(session, backup, found, progress)
    for path in (session.path, *session.store.own_files()):  # a kill may have left what was replaced beside it
        clean_kept(path)
    forget_progress.end(session.store)


def _found_again(session: Session, progress: ForgetProgress) -> Erasure:
    """What a run that was killed looked for, of the workbook and of the backups that are not written anew yet."""
    held = [session.seen, *(known for _, known in older_backups(session)[0])]
    return erasure(
        held, _who(progress), country=session.settings.country, keep_invoices=progress.keep_invoices,
        everywhere=progress.everywhere,
    )  # fmt: skip


def _order(backups: Sequence[Backup], progress: ForgetProgress) -> Iterator[Backup]:
    """The backups to be written anew, the one that still tells of the client last."""
    yield from (backup for backup in backups if progress.everywhere and backup.name != progress.backup)
    yield from (backup for backup in backups if backup.name == progress.backup)


def _settle(session: Session, progress: ForgetProgress) -> None:
    """A kill came between a backup and its line in the list of checksums."""
    name, sha256 = progress.doing
    path = session.store.folder / name
    if name and path.exists() and sha256_of(path) == sha256:
        checksums.renew(session.store.index, name, sha256)


def _scrub_memory(session: Session, found: Erasure) -> None:
    path = session.store.label.memory
    if not path.exists():
        return
    with refusing(path):
        text = path.read_text(encoding="utf-8")
        new = found.scrubber.scrubbed(text)
        if new != text:
            replace_bytes(path, new.encode("utf-8"))


def _tell_of_parts(session: Session, found: Erasure) -> None:
    """Warns of parts of the workbook itself that had to be left; one that is open in Excel writes its own."""
    if session.book.is_file:
        with encryption.readable(session.path, session.call.password) as plain:
            stays = list(part_traces.left(plain, found))
        if stays:
            fill = {"name": session.path.name, "parts": ", ".join(stays)}
            session.call.warn(messages.text("forget.part_stays", session.language, **fill))


def _clean(session: Session, backup: Backup, found: Erasure, progress: ForgetProgress) -> None:
    """One backup without those who are forgotten, in one replacement; what hinders is warned of."""
    store = session.store
    try:
        content, stays = cleaned(backup.path, store.password, found)
        if content:
            sha256 = hashlib.sha256(content).hexdigest()
            forget_progress.keep(store, replace(progress, doing=(backup.name, sha256)))
            expected = backup.sha256 or sha256_of(backup.path)
            replace_bytes(backup.path, content, expect_sha256=expected)
            if backup.sha256:
                checksums.renew(store.index, backup.name, sha256)
    except CrmError as fault:
        session.call.warn(
            messages.text("forget.backup_stays", session.language, name=backup.name, why=fault.text(session.language))
        )
        return
    if stays:
        session.call.warn(
            messages.text("forget.part_stays", session.language, name=backup.name, parts=", ".join(stays))
        )


def cleaned(path: Path, password: str, found: Erasure) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of a workbook without those who are forgotten, locked as it was, and the parts that had to be left.

    No bytes where it holds nobody of them.
    """
    with encryption.readable(path, password) as plain, private_file(path.name) as changed:
        tables = read_tables.read(plain)
        made = erasing_plan(tables, found)
        if not (made.changes or made.removed or part_traces.holds(plain, found)):
            return b"", ()
        stays = write(plain, changed, made, tables)
        read_tables.read_names(changed)
        content = changed.read_bytes()
    return (encryption.encrypt(content, password) if encryption.is_encrypted(path) else content), stays


def write(source: Path, target: Path, made: Plan, tables: Tables) -> tuple[str, ...]:
    """Apply a plan that forgets somebody, and take their traces out of all parts; the parts that had to be left."""
    if made.forgets is None:
        return ()
    with private_file(source.name) as between:
        if made.changes or made.removed:
            apply_plan.apply_plan(source, between, made, tables)
        else:
            between.write_bytes(source.read_bytes())
        return part_traces.scrub(between, target, made.forgets)


def without(session: Session, path: Path, now: Tables) -> bytes:
    """The bytes of a backup without whom the workbook has forgotten; none where it has nobody of them."""
    known = forgotten_file.known(session)
    if not len(known):
        return b""
    country = session.settings.country
    with encryption.readable(path, session.call.password) as plain:
        held = read_tables.read(plain)
        who = forgotten.who_returns(held, now, known, country)
        if not (who.clients or who.people):
            return b""
        whole = named([held], (*who.clients, *who.people))
        found = erasure([held], whole, country=country)
    return cleaned(path, session.call.password, found)[0]


def missing_rows(now: pd.DataFrame, then: Tables) -> tuple[Added, ...]:
    """The rows of the table Forgotten that a backup lacks: it is never set back."""
    if forgotten.NAME not in then or not len(now):
        return ()
    there = set(forgotten.table_of(then)["hash"])
    new = now[~now["hash"].isin(there)].reset_index(drop=True)
    days = pd.to_datetime(new["forgotten_on"])
    return (Added(forgotten.NAME, new.assign(forgotten_on=days)),) if len(new) else ()
