"""The registry of actions: what can be done to a workbook, read by the command line, the ribbon and its builder.

A new command or button is one entry of ACTIONS. Each entry makes an operation `(tables, settings, today) -> plan` from
a session and the options of the command. Modules are imported when an action is asked for, so that `xlcrm --help`
doesn't wait for them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlcrm.errors import CrmError

if TYPE_CHECKING:
    from xlcrm.importing.incoming import Incoming
    from xlcrm.importing.remembered import Choices
    from xlcrm.lists.list_plan import ListsAsked
    from xlcrm.plan import Plan
    from xlcrm.session import Session
    from xlcrm.settings import Settings
    from xlcrm.tables import Tables

    Operation = Callable[[Tables, Settings, dt.date], Plan]
    Answer = Callable[[Session], tuple[int, str]]


@dataclass(frozen=True)
class Option:
    """An option of a command, or an argument where its first name has no dashes.

    names     as typed, and the name that the operation knows it by where that differs
    kind      "text", "number", "file", or "switch" (there or not; of two names with "/" between: yes, no or not said)
    many      may be given several times: the operation gets a tuple
    metavar   what stands for the value in the help
    """

    names: tuple[str, ...]
    help: str = ""
    kind: str = "text"
    default: str | int | None = ""
    choices: tuple[str, ...] = ()
    many: bool = False
    required: bool = False
    metavar: str | None = None


@dataclass(frozen=True)
class Button:
    """A button of the ribbon. `image` is one of Office's own pictures (imageMso).

    group  the ribbon's group, in the order in which the registry names them first
    asks   what the run wants to know of the person: "file" to import, "backup" to put back, "selection" (the clients
           whose rows are selected; nobody is asked), "contact" with the selected client, "name" to hand out to,
           "issue" the selected rows, "payment" what was paid, "" nothing
    shows  whether what would happen is shown first, to be agreed with
    twice  whether it is asked once more, because nothing brings it back
    front  the table whose sheet is brought to the front afterwards, "" where the person stays where they are
    """

    group: str
    image: str
    large: bool = False
    asks: str = ""
    shows: bool = False
    twice: bool = False
    front: str = ""


@dataclass(frozen=True)
class Action:
    """Something that can be done to a workbook, by its name (a command of xlcrm, a button's tag).

    operation      makes the operation of a run from a session and the command's options
    answer         for a button that changes nothing and takes no backup: exit code and sentence; None for a run
    help           what `xlcrm --help` says; "" where the command is not made from here
    changes        whether it may change the workbook: then it takes --dry-run, --json and --today, and warns of people
                   who have the workbook open
    by_hand        the backup is what was asked for: it stays even where the last one holds the same
    heals          works where the workbook is damaged or gone
    needs_clients  refuses a workbook without the table Clients
    alone          refused while others have the workbook open: it takes numbers
    light          changes only what was found: of backups before such runs in a row the newest is enough
    after          called with the session and the options once a run that was no dry run is done
    purchases      those of the source that Settings name, if any: "lines", refused where they don't fit into memory;
                   "sums", refused once lines are asked for (`Table.whole`); "" always
                   those of the sheet, which may be changed; "sheet": also its rows that are a view of a source
    confirms       what would happen is shown at a terminal first, to be agreed with; --yes says so in advance
    """

    name: str
    operation: Callable[..., Operation] | None = None
    answer: Answer | None = None
    help: str = ""
    options: tuple[Option, ...] = ()
    button: Button | None = None
    changes: bool = True
    by_hand: bool = False
    heals: bool = False
    needs_clients: bool = True
    light: bool = False
    alone: bool = False
    after: Callable[..., None] | None = None
    confirms: bool = False
    purchases: str = ""

    def make(self, session: Session, **options: Any) -> Operation:
        """The operation of a run; CrmError "ribbon.unknown" for what is none."""
        if self.operation is None:
            raise CrmError("ribbon.unknown", action=self.name)
        return self.operation(session, **options)


def importing(
    session: Session,
    *,
    files: tuple[Path, ...],
    table: str = "Clients",
    mapping: tuple[str, ...] = (),
    keys: tuple[str, ...] = (),
    update: bool = False,
    sheet: str = "",
    skip_rows: int = 0,
    dates: str | None = "",
    decimal: str | None = "",
    people: bool | None = None,
    in_sheet: bool = False,
) -> Operation:
    """Bring in lists from outside; the files are read now, before anything of the workbook is touched.

    What was said earlier about lists of the same shape is remembered beside the backups. `in_sheet`: what is not clear
    is asked in the sheet Import, whose answers are remembered in the same way.
    """
    from xlcrm import words
    from xlcrm.files import import_memory
    from xlcrm.files.list_files import read
    from xlcrm.importing.planning import plan

    pairs = dict(map(_pair, mapping))
    known = tuple(words.column_of("Clients", key) or key for key in keys)
    incoming = [part for file in files for part in read(file, sheet=sheet or None, skip_rows=skip_rows)]
    remembered = import_memory.load(import_memory.path_of(session.store))
    if in_sheet:
        return _without_forgotten(session, _without_lines(_asking(session, incoming, remembered)))
    return _without_forgotten(session, _without_lines(lambda tables, settings, today: plan(
        tables, incoming, settings=settings, today=today, table=table, mapping=pairs, keys=known, update=update,
        dates=dates or "", decimal=decimal or "", people=_SAID[people], remembered=remembered,
    )))  # fmt: skip


def _without_forgotten(session: Session, operation: Operation) -> Operation:
    """The operation, without rows of clients who asked to be forgotten."""
    from xlcrm.forgetting import forgotten_file
    from xlcrm.forgetting.forgotten import left_out

    known = forgotten_file.known(session)
    return lambda tables, settings, today: left_out(operation(tables, settings, today), tables, known, settings.country)


def _without_lines(operation: Operation) -> Operation:
    """The operation of an import; refused where it has purchases and these come from a source, so that none counts."""

    def judged(tables: Tables, settings: Settings, today: dt.date) -> Plan:
        plan = operation(tables, settings, today)
        touched = {change.table for change in plan.changes} | {rows.table for rows in plan.added}
        if settings.purchases_source and "Purchases" in touched:
            raise CrmError("sources.no_import", source=settings.purchases_source, sheet=tables["Purchases"].sheet)
        return plan

    return judged


def _asking(session: Session, incoming: Sequence[Incoming], remembered: Mapping[str, Choices]) -> Operation:
    """An import by the button: it asks in the workbook, and what was answered there is kept for the next such list."""
    from xlcrm.files import import_memory
    from xlcrm.importing import import_sheet
    from xlcrm.importing.remembered import said

    def operation(tables: Tables, settings: Settings, today: dt.date) -> Plan:
        found = import_sheet.plan(tables, incoming, settings=settings, today=today, remembered=remembered)
        import_memory.save(import_memory.path_of(session.store), said(incoming, found.choices))
        return found.plan

    return operation


def remember(
    session: Session, *, files: tuple[Path, ...], mapping: tuple[str, ...] = (), dates: str | None = "",
    decimal: str | None = "", people: bool | None = None, sheet: str = "", skip_rows: int = 0, **others: Any,
) -> None:  # fmt: skip
    """Keep what was said about lists of this shape, for the next ones."""
    from xlcrm.files import import_memory
    from xlcrm.files.list_files import read
    from xlcrm.importing.remembered import Choices, said

    given = Choices(dict(map(_pair, mapping)), dates or "", decimal or "", _SAID[people])
    if given.told:
        parts = (file for file in files if file.is_file())
        lists = [part for file in parts for part in read(file, sheet=sheet or None, skip_rows=skip_rows)]
        import_memory.save(import_memory.path_of(session.store), said(lists, given))


def split(session: Session, *, column: str = "", what: str | None = None) -> Operation:
    """Names and addresses into fields."""
    from xlcrm.splitting import splitting

    return lambda tables, settings, today: splitting.plan(
        tables, settings=settings, today=today, column=column, what=what or ""
    )


def check(session: Session) -> Operation:
    """Find what is wrong, with the files of documents, too."""
    from xlcrm.checks.checking import plan
    from xlcrm.files.issued_files import checksums
    from xlcrm.forgetting import forgotten_file

    folder, kept = session.path.parent, forgotten_file.read(session.store)
    return lambda tables, settings, today: plan(
        tables, settings=settings, today=today, on_disk=checksums(folder, tables), forgotten=kept
    )


def doubles(session: Session) -> Operation:
    """Clients who may be one, side by side in the sheet Duplicates."""
    from xlcrm.doubles.duplicates_sheet import plan

    return lambda tables, settings, today: plan(tables, settings=settings, today=today)


def correct(session: Session) -> Operation:
    """Apply the safe corrections and those that somebody decided in the sheet Problems."""
    from xlcrm.bank.bank_plan import decided_plan as decided_payments
    from xlcrm.checks.correcting import correct_plan
    from xlcrm.combining.decided_conflicts import decided_plan as decided_conflicts
    from xlcrm.splitting import splitting

    return lambda tables, settings, today: correct_plan(tables, settings=settings, today=today).join(
        splitting.plan(tables, settings=settings, today=today, decided_only=True),
        decided_payments(tables, settings=settings, today=today),
        decided_conflicts(tables),
    )


def bank(
    session: Session, *, files: tuple[Path, ...], dates: str | None = "", decimal: str | None = "", **_: Any
) -> Operation:
    """Payments of bank statements; the files are read now, before anything of the workbook is touched."""
    from xlcrm.bank.bank_plan import plan
    from xlcrm.bank.statement_columns import Means
    from xlcrm.files.statement_files import read_statements

    means = Means(session.settings.country, session.call.now.date(), dates or "", decimal or "")
    statements = [one for file in files for one in read_statements(file, means)]
    return lambda tables, settings, today: plan(tables, statements, settings=settings, today=today)


def combine(session: Session, *, copy: Path, base: str = "") -> Operation:
    """What a copy of the workbook has since both were one, into the workbook."""
    from xlcrm.backups import combining_run

    return _without_forgotten(session, combining_run.combine(session, copy, base))


def merge(session: Session, *, clients: tuple[str, ...] = (), same_firm: bool = False) -> Operation:
    """One client of those that somebody decided are the same, or of those named."""
    from xlcrm.merging.merge_plan import plan

    if len(clients) == 1:
        raise CrmError("merge.one_client", client=clients[0])
    pairs = tuple((clients[0], other) for other in clients[1:])
    return lambda tables, settings, today: plan(tables, settings=settings, today=today, pairs=pairs, firm=same_firm)


def refresh(session: Session) -> Operation:
    """Spend metrics and the dashboard, and how documents stand."""
    from xlcrm.issuing import standing
    from xlcrm.spend.refresh import plan

    return lambda tables, settings, today: plan(tables, settings=settings, today=today).join(
        standing.plan(tables, settings=settings, today=today)
    )


def search(
    session: Session, *, name: str = "", where: tuple[str, ...] = (), out: str = "", sort: str = "", then_by: str = ""
) -> Operation:
    """Saved searches: counts in the sheet Segments, the clients found as a file."""
    from xlcrm.files import output_files
    from xlcrm.segments.search import plan

    file = str(output_files.asked(Path(out))) if out else ""
    wishes = tuple(filter(None, (sort, then_by)))
    return lambda tables, settings, today: plan(
        tables, settings=settings, today=today, name=name, where=where, out=file, sort=wishes
    )


def lists(
    session: Session, *, only: str = "", mark_invoiced: bool = False, kinds: tuple[str, ...] = (),
    clients: tuple[str, ...] = (), test_page: str = "",
) -> Operation:  # fmt: skip
    """The lists named in the sheet Lists, as files; those of some kinds, or one for some clients alone."""
    from xlcrm.lists.list_plan import ListsAsked, kinds_of

    if test_page:
        return _test_page(session, test_page)
    wanted = kinds_of(kinds)
    chosen = _ids(clients) if clients else None
    return _making(session, ListsAsked(only, wanted, chosen, mark_invoiced=mark_invoiced, by=session.call.who))


def _of_kinds(*kinds: str) -> Callable[..., Operation]:
    """What makes the lists of some kinds: those in the sheet Lists, for named clients one as it is by default."""
    from functools import partial

    return partial(_lists_of, kinds)


def _lists_of(
    kinds: tuple[str, ...],
    session: Session,
    *,
    clients: tuple[str, ...] = (),
    selected: tuple[str, ...] = (),
    where: tuple[str, ...] = (),
) -> Operation:
    """Lists of these kinds, for named clients or those of a search by default.

    `selected` clients count where the sheet Lists has none, and where there are two.
    """
    from xlcrm.lists.list_plan import ListsAsked

    chosen = _ids(clients) if clients else None
    by_default = selected if len(selected) > 1 else ()
    return _making(session, ListsAsked("", kinds, chosen, by_default, by=session.call.who, where=where))


def card(session: Session, *, clients: tuple[str, ...] = (), selected: tuple[str, ...] = ()) -> Operation:
    """The cards of clients; without any the blank form."""
    from xlcrm.lists.list_plan import ListsAsked

    return _making(session, ListsAsked("", ("cards",), _ids(clients or selected)))


def show(session: Session, *, client: str = "", selected: tuple[str, ...] = ()) -> Operation:
    """A client on the sheet Card."""
    from xlcrm.lists.client_card import CardAsked, plan

    asked = CardAsked(client, selected)
    return lambda tables, settings, today: plan(tables, asked, settings=settings, today=today)


def _ids(clients: Sequence[str]) -> tuple[str, ...]:
    """Client ids, each alone or several with commas."""
    return tuple(one.strip() for item in clients for one in item.split(",") if one.strip())


def _making(session: Session, asked: ListsAsked) -> Operation:
    """The operation that makes lists, with the team's templates and the engines for papers."""
    from xlcrm.files.rendering_process import rendering_process
    from xlcrm.files.template_files import load
    from xlcrm.lists.list_job import ListTools
    from xlcrm.lists.list_plan import make_lists
    from xlcrm.papers.paper_templates import paper_templates
    from xlcrm.papers.printing import PaperPress
    from xlcrm.papers.word_letters import word_letters

    templates, papers = load(session.path), paper_templates(session.path)

    def operation(tables: Tables, settings: Settings, today: dt.date) -> Plan:
        with rendering_process() as process, PaperPress() as press:
            tools = ListTools(templates, process.render, papers, press, word_letters)
            return make_lists(tables, asked, tools, settings=settings, today=today)

    return operation


def _test_page(session: Session, name: str) -> Operation:
    """A page with the outlines of a sheet of labels, to hold against one."""
    from xlcrm.lists.list_plan import label_test_page
    from xlcrm.papers.printing import PaperPress

    def operation(tables: Tables, settings: Settings, today: dt.date) -> Plan:
        with PaperPress() as press:
            return label_test_page(tables, name, press, settings=settings)

    return operation


def hand_out(session: Session, *, name: str = "", where: tuple[str, ...] = (), out: str = "") -> Operation:
    """A copy with some clients for somebody."""
    from xlcrm.handing_out import hand_out as copies

    return copies.hand_out(session, copies.HandOutAsked(name, where, out))


def log(
    session: Session, *, client: str = "", kind: str = "", subject: str = "", follow_up: str = "", by: str = "",
    person: str = "", outcome: str = "", date: str = "", replies_to: str = "",
) -> Operation:  # fmt: skip
    """A line in the sheet Interactions."""
    from xlcrm.interactions.log_contact import ContactSaid, log_contact

    who = by or session.call.who
    said = ContactSaid(client, kind, subject, date, follow_up, who, person, outcome, replies_to)
    return lambda tables, settings, today: log_contact(tables, said, settings=settings, today=today)


def backup(session: Session) -> Operation:
    """A dated, verified backup; nothing else."""
    from xlcrm.backups import put_back

    return put_back.backup(session)


def restore(session: Session, *, which: str = "", rows: tuple[str, ...] = ()) -> Operation:
    """A backup put back: the whole workbook, or single clients."""
    from xlcrm.backups import put_back

    return put_back.restore(session, which, rows)


def undo(session: Session, *, number: int = 0) -> Operation:
    """What takes back a run: the latest that stands, or the one with this number."""
    from xlcrm.backups import put_back

    return put_back.undo(session, number)


def upgrade(session: Session, *, invoicing: bool = False) -> Operation:
    """What later versions of xlcrm brought, into an older workbook; with `invoicing` also that part of the schema."""
    from xlcrm.upgrading import upgrade_book

    return upgrade_book.upgrade(session, ("invoicing",) if invoicing else ())


def forget(
    session: Session, *, clients: tuple[str, ...] = (), selected: tuple[str, ...] = (), due: bool = False,
    keep_invoices: bool = False, everywhere: bool = False,
) -> Operation:  # fmt: skip
    """Clients taken out for good: of the workbook, the journal, and where asked of all backups."""
    import secrets

    from xlcrm.forgetting.forget_run import ForgetAsked
    from xlcrm.forgetting.forget_run import forget as forgetting
    from xlcrm.run import rules

    asked = ForgetAsked(_ids(clients or selected), due, keep_invoices, everywhere)
    return forgetting(session, asked, secrets.token_hex(16), rules(session.settings))


def about(
    session: Session, *, clients: tuple[str, ...] = (), selected: tuple[str, ...] = (), out: str = ""
) -> Operation:
    """All that is held on clients, as files."""
    from xlcrm.files import output_files
    from xlcrm.privacy.about_run import about as telling

    folder = str(output_files.asked(Path(out))) if out else ""
    return telling(session, _ids(clients or selected), folder)


def connect(
    session: Session, *, source: str = "", table: str = "", mapping: tuple[str, ...] = (), sheet: bool = False
) -> Operation:
    """Purchases from a file, a folder or a database, or from the sheet again."""
    from xlcrm.sources import connecting

    if sheet:
        return lambda tables, settings, today: connecting.to_sheet(tables, settings=settings)
    if not source:
        raise CrmError("connect.which")
    pairs = dict(map(_pair, mapping))
    return lambda tables, settings, today: connecting.connect(
        tables, address=source, table=table, given=pairs, folder=session.path.parent, settings=settings, today=today
    )


def move_out(session: Session) -> Operation:
    """The rows of Purchases into a Parquet file beside the workbook."""
    from xlcrm.sources.move_out import move_out as moved

    book = session.path.absolute()
    return lambda tables, settings, today: moved(tables, book=book, settings=settings, today=today)


def issuing(name: str) -> Callable[..., Operation]:
    """The maker of an operation about documents: offer, order, ..., pay, remind, einvoice, finish."""

    def make(session: Session, **options: Any) -> Operation:
        from xlcrm.issuing import issuing_actions

        return issuing_actions.maker(name)(session, **options)

    return make


def guide(session: Session) -> tuple[int, str]:
    """The sheet that says what each button does."""
    from xlcrm.ribbon import help_buttons

    return help_buttons.guide(session)


def doctor(session: Session) -> tuple[int, str]:
    """What hinders the buttons on this computer."""
    from xlcrm.ribbon import help_buttons

    return help_buttons.doctor(session)


def _pair(item: str) -> tuple[str, str]:
    header, equals, field = item.rpartition("=")
    if not equals:
        raise CrmError("cli.map", item=item)
    return header.strip(), field.strip()


_SAID = {True: "yes", False: "no", None: ""}  # what --people and --no-people say
_ROWS = Option(("--rows",), "Rows of the sheet Purchases.", metavar="12,15-18")
_LINE = Option(("--line",), "A line of its own.", many=True, metavar="'product; quantity; unit; price; VAT %'")
_FROM = Option(("--from", "source"), "The document that it is made from.", metavar="NUMBER")
_DATE = Option(("--date",), "The date of the document (default: today).")
_DUE = Option(("--due",), "Until when it holds, or is to be paid.")
_SERIES = Option(("--series",), "Another series of numbers.")
_CLIENTS = Option(("clients",), many=True)


def _issue(name: str, help: str, *options: Option, button: Button | None = None) -> Action:  # noqa: A002
    shown = (*options, _DATE, _SERIES)
    return Action(name, issuing(name), help=help, options=shown, button=button, alone=True, purchases="sums")


_TABLES = ("Clients", "Purchases", "Interactions", "Suppression")

CLIENTS_NAMED = (Option(("clients",), many=True),)
EXPORTS = (
    "contacts", "calendar", "crm:hubspot", "crm:pipedrive", "crm:salesforce", "crm:mailchimp", "crm:brevo",
    "crm:google", "crm:outlook", "crm:moovago",
)  # fmt: skip


def _outgoing(kind: str, does: str, image: str) -> Action:
    """The lists of one kind, for everybody or for the clients named or selected."""
    button = Button("lists", image, asks="selection")
    found = Option(
        ("--where",),
        'One for each client of a search: a saved one, or e.g. "top 20 by spend"; of several, all must hold.',
        many=True,
    )
    options = (*CLIENTS_NAMED, found)
    return Action(
        kind, _of_kinds(kind), help=f"{does}, or for those named.", options=options, button=button, purchases="sums"
    )


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        Action(
            "import",
            importing,
            help="Bring in lists: CSV, Excel, OpenDocument or vCard files.",
            options=(
                Option(("files",), kind="file", many=True, required=True),
                Option(("--table",), choices=_TABLES, default="Clients"),
                Option(("--sheet",), "The sheet to read, where the file has several."),
                Option(("--skip-rows",), "Rows at the top of a list not to look at.", kind="number", default=0),
                Option(("--dates",), "Day or month first: 31/12 or 12/31.", choices=("dmy", "mdy"), default=None),
                Option(("--decimal",), "The decimal sign of the list's figures.", choices=(",", "."), default=None),
                Option(("--map", "mapping"), "Say what a column holds.", many=True, metavar="'Their header=field'"),
                Option(
                    ("--key", "keys"),
                    "What finds a client again (default: id, e-mail).",
                    many=True,
                    metavar="FIELD",
                ),
                Option(
                    ("--people/--no-people",),
                    "Firms with the people there, or a row a client (default: as the list shows).",
                    kind="switch",
                ),
                Option(("--update",), "Overwrite cells that differ (shown first by --dry-run).", kind="switch"),
                Option(("--ready",), "Split, compute and check what came in as well, in one go.", kind="switch"),
            ),
            button=Button("data", "ImportTextFile", large=True, asks="file"),
            after=remember,
        ),
        Action(
            "check",
            check,
            help="Find what is wrong, where, and what to do; fills the sheet Problems.",
            button=Button("data", "DataValidation", large=True),
            purchases="sums",
        ),
        Action(
            "correct",
            correct,
            help="Apply the safe corrections, and those decided in the sheet Problems.",
            button=Button("data", "ReviewAcceptChange"),
            purchases="sums",
        ),
        Action(
            "split",
            split,
            help="Split names and addresses into fields; what somebody typed stays.",
            options=(
                Option(("--column",), "Read this column instead of Full name or Address."),
                Option(
                    ("--as", "what"),
                    "Split only names, or only addresses; both: the column has both.",
                    choices=("name", "address", "both"),
                    default=None,
                ),
            ),
            button=Button("data", "ConvertTextToTable"),
        ),
        Action(
            "doubles",
            doubles,
            help="Find clients who are there twice; fills the sheet Duplicates, where you decide.",
            button=Button("data", "RemoveDuplicates"),
            purchases="sums",
        ),
        Action(
            "merge",
            merge,
            help="Merge the clients decided to be the same in the sheet Duplicates, or those named (C0012 C0345).",
            options=(
                Option(("clients",), many=True),
                Option(("--same-firm",), "Those named are one firm: the people go to the sheet People.", kind="switch"),
            ),
            button=Button("data", "MergeCells"),
        ),
        Action(
            "combine",
            combine,
            help="Bring in what somebody did in a copy of this workbook, as copies are combined.",
            options=(
                Option(("copy",), kind="file", required=True, default=None),
                Option(("--base",), "The backup that the copy was made of, where nothing tells it.", metavar="BACKUP"),
            ),
            button=Button("data", "ReviewCombineRevisions", asks="copy", shows=True),
        ),
        Action(
            "refresh",
            refresh,
            help="Compute what each client spends, and the dashboard.",
            button=Button("insight", "RefreshAll", large=True),
            purchases="sums",
        ),
        Action(
            "search",
            search,
            help="Find clients by a saved search of the sheet Segments, or by conditions.",
            options=(
                Option(("name",)),
                Option(
                    ("--where",),
                    'A condition, e.g. "spend within 30 days > 500"; of several, all must hold.',
                    many=True,
                ),
                Option(("--sort",), 'Sort them by this field, e.g. spend or "last purchase ascending".'),
                Option(("--then-by", "then_by"), "Where that is equal, by this field."),
                Option(("--out",), "Write the clients found to this .xlsx or .csv file of the current folder."),
            ),
            button=Button("insight", "FindDialog", large=True),
            light=True,
            purchases="sums",
        ),
        Action(
            "show",
            show,
            help="Show a client on the sheet Client card; without a number the one chosen there.",
            options=(Option(("client",)),),
            button=Button("insight", "ContactPictureMenu", large=True, asks="selection", front="CardOf"),
            light=True,
            purchases="sums",
        ),
        Action(
            "lists",
            lists,
            help="Make the lists named in the sheet Lists, as files.",
            options=(
                Option(("--only",), "Make only the list of this name."),
                Option(("--mark-invoiced",), "Mark the purchases on invoicing lists as invoiced today.", kind="switch"),
                Option(("--kind", "kinds"), "Make only lists of this kind: labels, letters, e-mails ...", many=True),
                Option(("--clients",), "Only for these clients, whatever the sheet says.", many=True, metavar="ID,ID"),
                Option(("--test-page",), "Draw the outlines of a label sheet on plain paper.", metavar="L7160"),
            ),
            button=Button("lists", "EnvelopesAndLabelsDialog", large=True),
            purchases="sums",
        ),
        _outgoing("labels", "Print the labels of the sheet Lists, or one for each client", "BordersAll"),
        _outgoing("letters", "Print the letters of the sheet Lists, or one for each client", "MailMergeStartLetters"),
        _outgoing(
            "emails",
            "Write the e-mails of the sheet Lists as drafts (.eml), or one for each client",
            "FileSendAsAttachment",
        ),
        Action(
            "card",
            card,
            help="Print the card of the clients named; without any the blank form to fill in by hand.",
            options=CLIENTS_NAMED,
            button=Button("lists", "BusinessCardInsertMenu", asks="selection"),
            purchases="sums",
        ),
        Action(
            "log",
            log,
            help="Note a contact with a client: call, e-mail, visit, letter, complaint, reminder or reply.",
            options=(
                Option(("client",), required=True),
                Option(("kind",), required=True),
                Option(("subject",)),
                Option(("--follow-up",), "The day to come back to it: 2026-12-04, tomorrow, in 2 weeks."),
                Option(("--by",), "Who it was (default: you).", metavar="NAME"),
                Option(("--person",), "The person at the client, by the number in the sheet People.", metavar="P0001"),
                Option(("--outcome",), "What came of it."),
                Option(("--date",), "When it was (default: today)."),
                Option(("--replies-to",), "The complaint that a reply answers: its subject or its day."),
            ),
            button=Button("lists", "AccessTableContacts", asks="contact"),
        ),
        Action(
            "export",
            _of_kinds(*EXPORTS),
            help="Write the files for other programs named in the sheet Lists, or all contacts (.vcf).",
            options=CLIENTS_NAMED,
            button=Button("lists", "ExportTextFile", asks="selection"),
        ),
        _issue(
            "offer",
            "Make an offer of typed lines or of rows of Purchases.",
            _CLIENTS,
            _LINE,
            _ROWS,
            _DUE,
            button=Button("invoicing", "FileNew", asks="issue", shows=True),
        ),
        _issue("order", "Confirm an order: of an offer, or of typed lines.", _CLIENTS, _FROM, _LINE, _ROWS),
        _issue(
            "deliver", "Make a delivery note: of an order, or of the open purchases.", _CLIENTS, _FROM, _LINE, _ROWS
        ),
        _issue(
            "invoice",
            "Issue invoices: of the open purchases, of rows, of an order or of typed lines.",
            _CLIENTS,
            _FROM,
            _LINE,
            _ROWS,
            _DUE,
            button=Button("invoicing", "FilePrint", large=True, asks="issue", shows=True),
        ),
        _issue(
            "credit",
            "Issue a credit note for an invoice, or for some of its lines.",
            Option(("number",), required=True),
            Option(("--only",), "Only these lines of the invoice.", metavar="1,3"),
            Option(("--again",), "Its purchases are to be invoiced again.", kind="switch"),
        ),
        Action(
            "pay",
            issuing("pay"),
            help="Book a payment of invoices; without an amount whatever is open.",
            options=(
                Option(("numbers",), many=True),
                Option(("--client",), "All open documents of this client, those due first."),
                Option(("--amount",), "How much was paid; it is spread over the documents in their order."),
                Option(("--date",), "When it was paid (default: today)."),
                Option(
                    ("--way",), "How it was paid.", choices=("transfer", "card", "cash", "debit"), default="transfer"
                ),
                Option(("--note",), "A note."),
                Option(("--set-off",), "Set this credit note off against them.", metavar="NUMBER"),
            ),
            button=Button("invoicing", "Calculator", asks="payment", shows=True),
        ),
        Action(
            "bank",
            bank,
            help="Book the payments of bank statements (CSV, Excel, CAMT.053, MT940); what is doubtful is asked.",
            options=(
                Option(("files",), kind="file", many=True, required=True),
                Option(("--dates",), "Whether day or month comes first.", choices=("dmy", "mdy"), default=None),
                Option(("--decimal",), "The decimal sign of amounts.", choices=(".", ","), default=None),
            ),
            button=Button("invoicing", "AccountingFormat", asks="file", shows=True),
        ),
        Action(
            "remind",
            issuing("remind"),
            help="Write the reminders that are due, one letter a client.",
            options=(_CLIENTS,),
            button=Button("invoicing", "ReviewNewComment", shows=True),
        ),
        Action(
            "einvoice",
            issuing("einvoice"),
            help="Write the e-invoice of a document that is issued already.",
            options=(Option(("number",), required=True),),
            alone=True,
        ),
        Action("finish", issuing("finish")),
        Action(
            "backup",
            backup,
            help="Take a dated, verified backup now.",
            options=(Option(("--reason",), "Ends the backup's name."),),
            button=Button("safety", "FileSave", large=True),
            changes=False,
            by_hand=True,
            needs_clients=False,
        ),
        Action(
            "hand-out",
            hand_out,
            help="Write a copy for somebody, with the clients asked for and all that hangs on them; combine it later.",
            options=(
                Option(("name",), required=True),
                Option(
                    ("--where",),
                    'Only these clients, e.g. "salesperson = Anna"; of several conditions, all must hold.',
                    many=True,
                ),
                Option(("--out",), "Write the copy to this file, from the current folder."),
            ),
            button=Button("safety", "FileSaveAs", asks="name"),
            by_hand=True,
        ),
        Action(
            "undo",
            undo,
            help="Take back the last change, or the one with this undo number.",
            options=(Option(("number",), kind="number", default=0),),
            button=Button("safety", "Undo"),
            purchases="sheet",
        ),
        Action(
            "restore",
            restore,
            help="Put back a backup: the newest, a number from `backups`, or a date. What it replaces is backed up"
            " first.",
            options=(
                Option(("which",)),
                Option(("--rows",), "Bring back only these clients.", many=True, metavar="ID,ID"),
            ),
            button=Button("safety", "FileOpen", asks="backup"),
            heals=True,
            needs_clients=False,
            purchases="sheet",
        ),
        Action(
            "upgrade",
            upgrade,
            help="Bring an older client file the sheets, columns and buttons of this version; all that is there stays.",
            options=(Option(("--invoicing",), "Also the sheets for offers, invoices and payments.", kind="switch"),),
            purchases="sheet",
        ),
        Action(
            "about",
            about,
            help="All that is held on a client: a PDF to read, .json and .csv to take along.",
            options=(*CLIENTS_NAMED, Option(("--out",), "The folder for the files.", metavar="FOLDER")),
            button=Button("privacy", "FileProperties", asks="selection"),
            purchases="lines",
        ),
        Action(
            "forget",
            forget,
            help="Take clients or people out for good; what was sold stays without their names. There is no undo.",
            options=(
                *CLIENTS_NAMED,
                Option(("--due",), "Everybody without contact for the months in Settings.", kind="switch"),
                Option(("--keep-invoices",), "Invoices keep their buyer in the sheet Documents.", kind="switch"),
                Option(("--everywhere",), "Out of all backups, too.", kind="switch"),
            ),
            button=Button("privacy", "Delete", asks="selection", shows=True, twice=True),
            alone=True,
            confirms=True,
            purchases="sheet",
        ),
        Action(
            "connect",
            connect,
            help="Take purchases from a CSV or Parquet file or folder, or a database; --sheet: from the sheet again.",
            options=(
                Option(("source",), default="", required=False),
                Option(("--table",), "The table of a database, with its schema where needed (sales.lines)."),
                Option(("--map", "mapping"), "Say what a column holds.", many=True, metavar="'Their header=field'"),
                Option(("--sheet",), "Take purchases from the sheet Purchases again.", kind="switch"),
            ),
            purchases="sheet",
        ),
        Action(
            "move-out",
            move_out,
            help="Move the rows of the sheet Purchases into a Parquet file beside the workbook, once proved equal.",
            purchases="sheet",
        ),
        Action("guide", answer=guide, button=Button("help", "Help"), changes=False),
        Action("doctor", answer=doctor, button=Button("help", "ErrorChecking"), changes=False),
    )
}


def buttons() -> dict[str, list[Action]]:
    """The ribbon: group -> its actions, both in the order of the registry."""
    groups: dict[str, list[Action]] = {}
    for action in ACTIONS.values():
        if action.button:
            groups.setdefault(action.button.group, []).append(action)
    return groups
