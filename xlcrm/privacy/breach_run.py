"""Run of `xlcrm breach`: the backup of a day is read, and the breach report is written as files beside the workbook.

The workbook isn't touched. The register is a list of its own beside the reports, added to line by line: a table in the
workbook would go with the workbook, where a backup is put back or the file itself is what was lost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from xlcrm import messages
from xlcrm.backups.store import Backup
from xlcrm.errors import CrmError
from xlcrm.files import encryption, modes, output_files
from xlcrm.files.durable import append_line, make_folder
from xlcrm.files.template_files import shipped
from xlcrm.lists.csv_text import harmless
from xlcrm.lists.papers_made import sender
from xlcrm.os_errors import refusing
from xlcrm.papers.letter_window import letter_window
from xlcrm.papers.paper_texts import PaperTemplate
from xlcrm.papers.printing import PaperPress
from xlcrm.plan import OutFile
from xlcrm.privacy import breach_report
from xlcrm.privacy.breach_report import Breach, Person
from xlcrm.problems import Problem
from xlcrm.session import Session
from xlcrm.tables import Tables
from xlcrm.xlsx.reading import read_tables


@dataclass(frozen=True)
class Report:
    """What a run made: who was in the file, where the files are, and the letters that couldn't be printed.

    later  whether the oldest backup is younger than the day that was asked for
    """

    breach: Breach
    persons: tuple[Person, ...]
    folder: Path
    files: tuple[Path, ...] = ()
    letters: int = 0
    emails: int = 0
    later: bool = False
    problems: tuple[Problem, ...] = ()


def report(
    session: Session, day: dt.date | None, known: dt.datetime | None, folder: Path | None, **said: str
) -> Report:
    """Everything that a breach as of `day` asks for, written into `folder` ("<workbook> breaches/<day>" by default).

    day    the newest backup up to its end is read, the oldest one where none is so old; None: the workbook as it is
    known  since when the firm knows; None: since now
    said   what, done and contact, in the firm's words

    CrmError "file.no_folder" where `folder` isn't there. A dry run counts, and writes nothing.
    """
    found, later = _backup_of(session, day)
    source = found.name if found else session.path.name
    ours = ", ".join(filter(None, (session.settings.seller_email, session.settings.seller_phone)))
    said["contact"] = said.get("contact") or ours
    about = Breach(day or session.today, known or session.call.now, source, **said)
    place = output_files.asked(folder) if folder else _usual(session) / f"{about.day:%Y-%m-%d}"
    with _tables(session, found) as tables:
        persons = breach_report.persons_in(tables, session.settings, session.today)
        records = breach_report.records_in(tables)
    made = Report(about, persons, place, later=later)
    if session.call.dry_run:
        return made
    with modes.as_open_as(session.path if session.path.exists() else place.parent):
        return _written(session, made, records)


def sentences(made: Report, language: str) -> list[str]:
    """What the run says."""
    fill = {
        **breach_report.words_of(made.breach, language),
        "n": len(made.persons),
        "sensitive": sum(bool(one.sensitive) for one in made.persons),
        "folder": str(made.folder),
        "letters": made.letters,
        "emails": made.emails,
    }
    keys = ["breach.later"] if made.later else []
    keys += ["breach.done" if made.files else "breach.would"]
    keys += (
        ["breach.fill_in"] if made.files and not (made.breach.what and made.breach.done and made.breach.contact) else []
    )
    told = [messages.text(key, language, **fill) for key in keys]
    return told + [f"{problem.key}: {problem.sentence(language)}" for problem in made.problems]


def _backup_of(session: Session, day: dt.date | None) -> tuple[Backup | None, bool]:
    """The backup that shows the file on a day, and whether it is younger than that; None for the workbook itself."""
    backups = session.store.backups()
    if day is None and session.seen:
        return None, False
    if not backups:
        raise CrmError("backup.none", name=session.path.name, folder=str(session.store.folder))
    earlier = [backup for backup in backups if day is None or backup.moment.date() <= day]
    return (earlier[-1], False) if earlier else (backups[0], True)


@contextmanager
def _tables(session: Session, backup: Backup | None) -> Iterator[Tables]:
    """The tables of a backup, or of the workbook, for the block."""
    if backup is None:
        yield session.seen
        return
    with encryption.readable(backup.path, session.call.password) as path:
        yield read_tables.read(path)


def _usual(session: Session) -> Path:
    """The folder of the reports beside the workbook."""
    return session.path.parent / f"{session.path.stem} breaches"


def _written(session: Session, made: Report, records: int) -> Report:
    """The report with its files on the disk, and its line in the register."""
    language, settings, about = session.language, session.settings, made.breach

    def name(part: str) -> str:
        """The name of a file."""
        return messages.text(f"breach.file.{part}", language)

    text = breach_report.note(made.persons, about, settings, records)
    files = [
        OutFile(f"{name('note')}.txt", text.encode("utf-8-sig")),
        OutFile(f"{name('list')}.xlsx", (breach_report.listed(made.persons, language),)),
    ]
    letters = breach_report.letters(made.persons, about, settings)
    problems: tuple[Problem, ...] = ()
    if letters:
        template = PaperTemplate("breach.typ", (shipped() / "breach.typ").read_bytes(), ours=True)
        with PaperPress() as press:
            paper = press.letters(
                letters, letter_window("din-b"), sender(settings), today=session.today, template=template,
                title=messages.text("breach.subject", language), language=language,
            )  # fmt: skip
        problems = paper.problems
        files += [OutFile(f"{name('letters')}.pdf", paper.content)] if paper.content else []
    mails = [one for one in made.persons if breach_report.by_email(one)]
    for number, one in enumerate(mails, 1):
        files.append(OutFile(f"{name('emails')}/{number:04}.eml", breach_report.email(one, about, settings)))
    with output_files.written(made.folder, tuple(files), session.call.now, keep=lambda: False) as paths:
        _registered(session, made)
    return replace(made, files=paths, letters=len(letters) - len(problems), emails=len(mails), problems=problems)


def _registered(session: Session, made: Report) -> None:
    """Puts the line into the register, under a header where it is new."""
    folder = _usual(session)
    path = folder / f"{messages.text('breach.file.register', session.language)}.csv"
    line = breach_report.register_line(made.persons, made.breach, session.call.now, session.call.who, made.folder.name)
    with refusing(path):
        make_folder(folder)
        if not path.exists():
            header = messages.text("breach.register", session.language)
            append_line(path, b"\xef\xbb\xbf" + header.encode())
        append_line(path, ";".join(harmless(cell.replace(";", ",")) for cell in line).encode("utf-8", "replace"))
