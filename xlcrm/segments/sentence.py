"""A search sentence as people write it, read into conditions: "women who spent more than 500 in the last 30 days".

What is said (`said`) falls into clauses at "who", "and", "with"; each clause is about a figure, a column or an age, and
the rest of it is the comparison, the span and the negation. The conditions come back in the documented form and in the
user's words, so that a person sees how they were understood. Nothing is left out in silence: a word that means nothing
makes the sentence unread.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from xlcrm import words
from xlcrm.importing.header_words import choice_of
from xlcrm.segments.alternatives import LINKS, alternatives, framed, value_of
from xlcrm.segments.condition import Condition
from xlcrm.segments.fields import NEXT_BIRTHDAY, FieldColumn
from xlcrm.segments.highest import RANKED, best_said
from xlcrm.segments.said import Said, SpokenWords, say
from xlcrm.segments.search_words import alternative, window

_NOUNS = ("spend", "purchase", "order", "contact", "bought")
_KINDS = ("visit", "call", "complaint")  # kinds of contact that are verbs as well
_COLUMNS = (
    "birthday birth_date registered_on last_purchase first_purchase average_spend email phone mobile address".split()
)  # columns that the words of sentences name by a verb or a longer word
_AGES = range(1, 121)
_OPPOSITE = {"above": "at_most", "at_least": "below", "below": "at_least", "at_most": "above"}
_SIGNS = {"above": ">", "at_least": ">=", "below": "<", "at_most": "<=", "is": "=", "is_not": "<>"}
_PERIODS = ("start_year", "start_month", "start_week", "start_quarter", "last_year", "last_month", "year", "month")
_WHENS = (("span",), ("ahead",), ("num", "range", "date"), _PERIODS)  # a clause about a date has one of these
_OF_TOP = ("span", "since", *_PERIODS, "value", "word")  # what may stand in a clause about the best


@dataclass(frozen=True)
class Sentence:
    """The conditions of a sentence, and the words that mean nothing; whole only without any."""

    conditions: tuple[Condition, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clause:
    """What one clause says, by tag; `about` is the figure or column it is about, from an earlier clause if need be."""

    said: tuple[Said, ...] = ()
    link: str = ""  # what joins it to the clause before: who, and, nor

    def all(self, *tags: str) -> list[Said]:
        """The things of these kinds."""
        return [one for one in self.said if one.tag in tags]

    def one(self, *tags: str) -> Said | None:
        """The first thing of these kinds."""
        return next(iter(self.all(*tags)), None)

    def has(self, *tags: str) -> bool:
        """Whether anything of these kinds is said."""
        return self.one(*tags) is not None


@dataclass(frozen=True)
class Wording:
    """The words for conditions in one language, and the day that periods start from."""

    language: str
    today: dt.date
    vocabulary: SpokenWords = field(repr=False)

    def header(self, name: str, table: str = "Clients") -> str:
        """The header of a column as the user reads it."""
        return words.header(table, name, self.language)

    def span(self, said: Said) -> str:
        """A span in this language as it stands behind "within": "30 days", "30 Tagen"."""
        return self._counted(said, 2 if self.language == "de" else 0)

    def _counted(self, said: Said, many: int) -> str:
        """A span with one of the plurals of its unit: German has a third form behind "in" and "vor"."""
        count, _, unit = said.value.partition(" ")
        return f"{count} {alternative('unit', unit, self.language, 1 if count == '1' else many)}"

    def ago(self, said: Said) -> str:
        """The day so long ago: "30 days ago"."""
        count, _, unit = self._counted(said, 2 if self.language == "de" else 0).partition(" ")
        return alternative("moment", "ago", self.language).replace("{n}", count).replace("{unit}", unit)

    def ahead(self, said: Said) -> str:
        """The day so far ahead: "in 7 days"."""
        count, _, unit = self._counted(said, 2 if self.language == "de" else 0).partition(" ")
        return alternative("moment", "ahead", self.language).replace("{n}", count).replace("{unit}", unit)

    def moment(self, name: str) -> str:
        """A day such as today."""
        return alternative("moment", name, self.language)

    def start(self, unit: str) -> str:
        """The first day of the unit that is running."""
        pattern = alternative("moment", "start", self.language)
        return pattern.replace("{unit}", alternative("unit", unit, self.language, 1))

    def operator(self, name: str) -> str:
        """A comparison, as a sign where it has one."""
        return _SIGNS.get(name) or alternative("operator", name, self.language)

    def both(self, first: object, second: object) -> str:
        """Two ends of a range."""
        return f"{first} {alternative('link', 'and', self.language)} {second}"


def read_sentence(text: str, vocabulary: SpokenWords, *, today: dt.date, language: str = "en") -> Sentence:
    """The conditions that a sentence means, all of which must hold; `unknown` are words that mean nothing here.

    Choices and values (women, Oslo, a salesperson) are conditions by themselves; several of one column are "one of".
    Ages are in whole years on `today`. "or" joins values of one column, or whole conditions: then each alternative is
    one condition, and what stands before them ("women who ...") holds for all; several in one alternative are unread.
    """
    wording = Wording(language, today, vocabulary)
    first, *others = alternatives(best_said(say(text, vocabulary, language)))
    if not others:
        return _part(first, wording, Clause())[0]
    frame, first = framed(first)
    held, about = _part(frame, wording, Clause())
    read: list[Sentence] = []
    for said in (first, *others):
        one, about = _part(said, wording, about)
        read.append(one)
    unknown = [*held.unknown, *(word for one in read for word in one.unknown)]
    found = [condition for one in read for condition in one.conditions]
    if unknown or any(len(one.conditions) != 1 for one in read):
        either = alternative("link", "or", wording.language)
        return Sentence((*held.conditions, *found), tuple(unknown) or (either,))
    return Sentence((*held.conditions, Condition("", either=tuple(found), said=text)))


def _part(everything: list[Said], wording: Wording, about: Clause) -> tuple[Sentence, Clause]:
    """What a sentence, or one alternative of it, means; `about` is the clause before, and the last one comes back."""
    said, values = _values(everything, wording)
    found: list[Condition] = []
    unknown: list[str] = []
    for clause in _clauses(said):
        strange = _strange(clause, wording)
        known = Clause(tuple(one for one in clause.said if one not in strange), clause.link)
        about = _inherited(known, about)
        conditions = _conditions(about, wording)
        found += conditions
        unknown += [one.text for one in strange] or ([] if conditions else [one.text for one in clause.said])
    return Sentence((*values, *found), tuple(unknown)), about


def _strange(clause: Clause, wording: Wording) -> list[Said]:
    """Words that mean nothing: neither a value typed behind a column of text nor something that was bought."""
    subject = _subject(clause)
    if subject is not None and subject.columns and subject.columns[0].kind not in (*_BY_KIND, "flag"):
        return []
    bought = clause.has("bought", "purchase", "order", "spend")
    return [one for one in clause.all("word") if not (bought and wording.vocabulary.goods(one.text))]


def _values(said: list[Said], wording: Wording) -> tuple[list[Said], tuple[Condition, ...]]:
    """What is left to say, and the conditions on values: women, prospects, Oslo."""
    left: list[Said] = []
    held: dict[tuple[str, str], list[str]] = {}
    last = ("", "")
    for one in said:
        before = _last(left)
        column, value = value_of(one, before)
        if not column:
            left.append(one)
            continue
        if before.tag == "field" and before.columns[0].name == column:
            left.pop()
            before = _last(left)
        refused = before.tag == "not" or (before.tag, before.value) == ("op", "is_not")
        if refused:
            left.pop()
        last = (column, "not" if refused or _goes_on(before, last, column) else "")
        held.setdefault(last, []).extend(value.split("; "))
    return _without_links(left), tuple(_listed(column, no, values, wording) for (column, no), values in held.items())


def _last(said: list[Said]) -> Said:
    """The last thing said; an empty one where nothing was."""
    return said[-1] if said else Said("")


def _goes_on(before: Said, last: tuple[str, str], column: str) -> bool:
    """Whether a "not" before an earlier value of the column goes on: "not in Milan or Rome"."""
    return before.tag in ("and", "or", "nor") and last == (column, "not")


def _listed(column: str, negated: str, values: list[str], wording: Wording) -> Condition:
    """One value or a list of them."""
    shown = [words.choice_word(column, value, wording.language) or value for value in dict.fromkeys(values)]
    operator = ("none_of" if negated else "one_of") if len(shown) > 1 else ("is_not" if negated else "is")
    return Condition(wording.header(column), wording.operator(operator), "; ".join(shown))


def _without_links(said: list[Said]) -> list[Said]:
    """Links that join nothing any more, because the values beside them were taken out."""
    found: list[Said] = []
    for one in said:
        if one.tag not in ("and", "or", "who") or (found and found[-1].tag not in ("and", "or", "who")):
            found.append(one)
    while found and found[-1].tag in ("and", "or", "who"):
        found.pop()
    return found


def _clauses(said: list[Said]) -> list[Clause]:
    """Cut at "who", "and", "with", "nor"; a clause that only has a span or a negation goes on in the next."""
    found: list[list[Said]] = [[]]
    links = [""]
    for one in said:
        if one.tag in LINKS and _is_full(found[-1]):
            found.append([])
            links.append(one.tag)
        elif (one.tag == "not" and _ends_an_age(found[-1])) or _ends_a_top(found[-1], one):
            found.append([one])
            links.append("who")
        elif one.tag not in LINKS:
            found[-1].append(one)
    if len(found) > 1 and not _is_full(found[-1]):
        found[-2:] = [[*found[-2], *found[-1]]]
    return [Clause(tuple(one), link) for one, link in zip(found, links, strict=False) if one]


def _ends_an_age(said: list[Said]) -> bool:
    """Whether a clause is an age by itself, so that a "without" begins the next: "over 65 without e-mail"."""
    tags = {one.tag for one in said}
    return bool(tags & {"num", "range", "span"} and tags & {"older", "age"}) and _subject(Clause(tuple(said))) is None


def _ends_a_top(said: list[Said], one: Said) -> bool:
    """Whether something belongs no more to a clause about the best clients: "top 20 without e-mail"."""
    return any(held.tag == "top" for held in said) and one.tag not in (*RANKED, *_OF_TOP, *LINKS)


def _is_full(said: list[Said]) -> bool:
    """Whether a clause says more than when and that it isn't."""
    return any(one.tag not in ("span", "ahead", "not", "since", "ago", *_PERIODS[:-2]) for one in said)


def _subject(clause: Clause) -> Said | None:
    """The figure or column that a clause is about."""
    return clause.one(*_NOUNS, *_KINDS, "field", *_COLUMNS)


def _inherited(clause: Clause, about: Clause) -> Clause:
    """A clause with what it has from the one before: the figure of a bare number, the "without" of a bare column."""
    figure, subject = about.one(*_NOUNS), _subject(clause)
    bare = clause.has("num", "range") and not subject and not clause.has("age", "older", "span")
    if figure and bare:
        return Clause((figure, *clause.said))
    lacking = about.one("not")
    joined = clause.link in ("and", "or", "nor") and len(clause.said) == 1 and subject is not None
    return Clause((lacking, *clause.said), clause.link) if lacking and joined else clause


def _conditions(clause: Clause, wording: Wording) -> tuple[Condition, ...]:
    """What a clause means; nothing where it isn't understood."""
    subject = _subject(clause)
    if len(clause.all("num", "range", "date")) > 1:
        return ()
    if clause.has("top"):
        return _highest(clause, wording)
    if subject is None:
        return _age(clause, wording)
    if subject.tag in (*_NOUNS, *_KINDS):
        return _figure(clause, subject.tag, wording)
    return _field(clause, subject, wording)


def _highest(clause: Clause, wording: Wording) -> tuple[Condition, ...]:
    """A clause about the best clients: "top 20 by spend", "the 10 with the most orders this year"."""
    subject, top, span = clause.one(*RANKED), clause.one("top"), clause.one("span")
    others = {one.tag for one in clause.said} - {"top", *RANKED, *_OF_TOP}
    if subject is None or top is None or others:
        return ()
    filters = [*_goods(clause, wording), *_period(clause, wording, "date", "Purchases")]
    noun = "purchase" if top.value == "often" else subject.tag
    text = _where(_noun(noun, False, wording), filters, wording)
    within = wording.span(span) if span else ""
    return (Condition(text, wording.operator("top"), f"{top.number:g}", within),)


def _operator(clause: Clause) -> str:
    """The comparison of a clause, turned round by a "not"; "" where it has none."""
    said = clause.one("op", "older")
    if said is None:
        return ""
    return _OPPOSITE.get(said.value, said.value) if clause.has("not") else said.value


def _age(clause: Clause, wording: Wording) -> tuple[Condition, ...]:
    """A clause that says an age: "over 65", "between 30 and 40", "65 years"."""
    number = clause.one("num", "span", "range")
    if number is None or not _says_years(clause, number):
        return ()
    header = wording.header("age")
    if number.tag == "range":
        return (Condition(header, wording.operator("between"), wording.both(*number.value.split("|"))),)
    operator = _operator(clause)
    if not operator and number.tag == "num" and not clause.has("age"):
        return ()
    return (Condition(header, wording.operator(operator or "is"), f"{number.number:g}"),)


def _says_years(clause: Clause, number: Said) -> bool:
    """Whether a clause is about an age and nothing else: a number that may be one, in years where it has a unit."""
    others = {one.tag for one in clause.said} - {"op", "older", "num", "span", "range", "age", "not", "since"}
    in_years = number.tag != "span" or number.value.endswith("year")
    return in_years and not others and int(number.number) in _AGES


def _figure(clause: Clause, tag: str, wording: Wording) -> tuple[Condition, ...]:
    """A clause about what was bought, spent or said: "bought wine", "no purchase for 6 months", "3 orders or more"."""
    span, number, operator = clause.one("span"), clause.one("num", "range"), _operator(clause)
    if clause.has("ahead"):
        return ()
    if clause.has("ago") and tag in ("bought", "purchase") and span and not clause.has("not", "num", "range"):
        return _moment(wording.header("last_purchase"), span, operator, wording)
    filters = [*_kind(tag, wording), *_goods(clause, wording), *_period(clause, wording, "date", "Purchases")]
    within = wording.span(span) if span else ""
    if number is None:
        return (_some(tag, bool(clause.has("not")), filters, within, wording),)
    noun = _noun(tag, bool(clause.has("times")), wording)
    text = _where(noun, filters, wording)
    if number.tag == "range":
        return (Condition(text, wording.operator("between"), wording.both(*number.value.split("|")), within),)
    return (Condition(text, wording.operator(operator or "at_least"), f"{number.number:g}", within),)


def _noun(tag: str, times: bool, wording: Wording) -> str:
    """What is compared with a number: who "bought for more than 500" spent it, who "bought 3 times" did so."""
    name = {"bought": "purchase" if times else "spend"}.get(tag, "contact" if tag in _KINDS else tag)
    return alternative("noun", name, wording.language)


def _some(tag: str, none: bool, filters: list[str], within: str, wording: Wording) -> Condition:
    """That there is something, or nothing."""
    name = {"bought": "purchase", "spend": "purchase"}.get(tag, "contact" if tag in _KINDS else tag)
    noun = alternative("noun", name, wording.language, 1 if none else 0)
    no = f"{alternative('link', 'no', wording.language)} " if none else ""
    return Condition(_where(no + noun, filters, wording), "", "", within)


def _where(noun: str, filters: list[str], wording: Wording) -> str:
    """A figure with its filters: "purchases where category is Wine"."""
    link = f" {alternative('link', 'and', wording.language)} "
    return f"{noun} {alternative('link', 'where', wording.language)} {link.join(filters)}" if filters else noun


def _kind(tag: str, wording: Wording) -> list[str]:
    """The filter that a visit, a call or a complaint is."""
    if tag not in _KINDS:
        return []
    kind = words.choice_word("interaction", tag, wording.language)
    return [f"{wording.header('kind', 'Interactions')} = {kind}"]


def _goods(clause: Clause, wording: Wording) -> list[str]:
    """The filter on what was bought: a category or product by its name, or by a part of it."""
    values = clause.all("value")
    if len(values) > 1:
        header, listed = wording.header(values[0].columns[0].name, "Purchases"), "; ".join(one.text for one in values)
        return [f"{header} {wording.operator('one_of')} {listed}"]
    contains = wording.operator("contains")
    for one in (*values, *clause.all("word")):
        column = one.columns[0] if one.columns else wording.vocabulary.goods(one.text)
        if column:
            sign = "=" if one.columns else contains
            return [f"{wording.header(column.name, 'Purchases')} {sign} {one.text}"]
    return []


def _period(clause: Clause, wording: Wording, column: str, table: str) -> list[str]:
    """Filters for "this year", "last year", "in 2025", "in March", "since 1/3/2026"."""
    header = wording.header(column, table)
    one = clause.one("start_year", "start_month", "start_week", "start_quarter")
    if one:
        return [f"{header} >= {wording.start(one.tag.partition('_')[2])}"]
    ends = _ends(clause, wording.today)
    if ends:
        return [f"{header} >= {ends[0]}", f"{header} <= {ends[1]}"]
    date = clause.one("date")
    return [f"{header} {wording.operator(_dated(clause))} {date.value}"] if date else []


def _dated(clause: Clause) -> str:
    """How a date is compared: as said, "since" from that day on, else that very day."""
    return _operator(clause) or ("at_least" if clause.has("since") else "is")


def _ends(clause: Clause, today: dt.date) -> tuple[dt.date, dt.date] | None:
    """The first and last day of "last year" and "last month"; None for anything else."""
    if clause.has("last_year"):
        return dt.date(today.year - 1, 1, 1), dt.date(today.year - 1, 12, 31)
    if clause.has("last_month"):
        last = today.replace(day=1) - dt.timedelta(days=1)
        return last.replace(day=1), last
    return None


def _field(clause: Clause, subject: Said, wording: Wording) -> tuple[Condition, ...]:
    """A clause about a column: "no e-mail", "more than 10 employees", "registered this year", "born in December"."""
    name = subject.columns[0].name if subject.columns else subject.tag.replace("birthday", "birth_date")
    column = wording.vocabulary.names.find("Clients", name)
    if column is None:
        return ()
    if name == "age":
        return _age(Clause(tuple(one for one in clause.said if one is not subject)), wording)
    if subject.tag == "birthday" and (soon := _birthday(clause, wording)):
        return soon
    kind = _BY_KIND.get(column.kind, _text_field)
    return kind(clause, column, wording)


def _text_field(clause: Clause, column: FieldColumn, wording: Wording) -> tuple[Condition, ...]:
    """A column of text: empty, filled, or what stands behind it."""
    header = wording.header(column.name)
    typed = " ".join(one.text for one in clause.all("word", "num", "value"))
    if _says_no_text(clause, column, typed):
        return ()
    if typed:
        return (Condition(header, wording.operator("is_not" if clause.has("not") else "is"), typed),)
    said = clause.one("op")
    empty = clause.has("not") != bool(said and said.value == "empty")
    return (Condition(header, alternative("operator", "empty" if empty else "not_empty", wording.language)),)


def _says_no_text(clause: Clause, column: FieldColumn, typed: str) -> bool:
    """Whether a clause compares by size, says when, or names no choice of a column of choices."""
    compared = clause.has("op") and clause.has("num")
    no_choice = typed and column.choices and not choice_of(column.choices, typed)
    return bool(compared or no_choice or clause.has("span", *_PERIODS))


def _number_field(clause: Clause, column: FieldColumn, wording: Wording) -> tuple[Condition, ...]:
    """A column of numbers against a number or a range."""
    header, number = wording.header(column.name), clause.one("num", "range")
    if number is None or clause.has("word"):
        return _text_field(clause, column, wording) if clause.has("not", "op") and not clause.has("word") else ()
    if number.tag == "range":
        return (Condition(header, wording.operator("between"), wording.both(*number.value.split("|"))),)
    return (Condition(header, wording.operator(_operator(clause) or "is"), f"{number.number:g}"),)


def _date_field(clause: Clause, column: FieldColumn, wording: Wording) -> tuple[Condition, ...]:
    """A column of dates: within a span, before or after one, a period, a year, a month of birth."""
    header = wording.header(column.name)
    if sum(clause.has(*kind) for kind in _WHENS) > 1 or clause.has("word", "value"):
        return ()
    if clause.has("birthday") and clause.has("span", "ahead"):
        return ()  # a birthday that was is no date of birth
    for read in (_by_ahead, _by_span, _by_month, _by_year, _by_dates):
        if found := read(clause, header, wording):
            return found
    if period := _period(clause, wording, column.name, "Clients"):
        return _in_period(period, header, wording)
    return _text_field(clause, column, wording) if clause.has("not") else ()


def _in_period(period: list[str], header: str, wording: Wording) -> tuple[Condition, ...]:
    """Filters on a date as one condition: between the two ends, or what the one says."""
    (_, _, value), *others = parts = [one[len(header) + 1 :].partition(" ") for one in period]
    if others:
        return (Condition(header, wording.operator("between"), wording.both(value, others[0][2])),)
    return (Condition(header, parts[0][0], value),)


def _by_span(clause: Clause, header: str, wording: Wording) -> tuple[Condition, ...]:
    """ "more than a year ago", "in the last 30 days", "not in the last 30 days"."""
    span = clause.one("span")
    if span is None:
        return ()
    operator = _operator(clause) or ("above" if not clause.has("ago", "not") else "at_most")
    return _moment(header, span, operator if clause.has("op", "not", "ago") else "", wording)


def _moment(header: str, span: Said, operator: str, wording: Wording) -> tuple[Condition, ...]:
    """A date against a day in the past: more than a year ago is before it; without comparison within the span."""
    if not operator:
        return (Condition(header, "", "", wording.span(span)),)
    sign = {"above": "<", "at_least": "<=", "below": ">", "at_most": "<="}.get(operator, "=")
    return (Condition(header, sign, wording.ago(span)),)


def _by_ahead(clause: Clause, header: str, wording: Wording) -> tuple[Condition, ...]:
    """ "in the next 30 days"."""
    span = clause.one("ahead")
    if span is None or clause.has("op", "not", "ago"):
        return ()
    return (Condition(header, wording.operator("between"), wording.both(wording.moment("today"), wording.ahead(span))),)


def _birthday(clause: Clause, wording: Wording) -> tuple[Condition, ...]:
    """A birthday today, this week or in the next 7 days; nothing for any other."""
    header = alternative("column", NEXT_BIRTHDAY, wording.language)
    span = clause.one("ahead", "span")
    others = {one.tag for one in clause.said} - {"birthday", "ahead", "span", "since", "today", "start_week"}
    if others or (span and span.when == "last"):
        return ()
    if span:
        return (Condition(header, "<=", wording.ahead(span)),)
    if clause.has("start_week"):
        sunday = wording.today + dt.timedelta(days=6 - wording.today.weekday())
        return (Condition(header, "<=", sunday.isoformat()),)
    return (Condition(header, "=", wording.moment("today")),) if clause.has("today") else ()


def _by_month(clause: Clause, header: str, wording: Wording) -> tuple[Condition, ...]:
    """A birthday in a month, this month or today, whatever the year; other dates in a month of this year."""
    if not clause.has("birth_date", "birthday"):
        return ()
    month = clause.one("month")
    running = str(wording.today.month) if clause.has("start_month") else ""
    number = month.value if month else running
    return (Condition(header, "=", alternative("month", number, wording.language)),) if number else ()


def _by_year(clause: Clause, header: str, wording: Wording) -> tuple[Condition, ...]:
    """ "in 2025", "before 2025", "between 1970 and 1980"; years stand for their first and last day."""
    number = clause.one("num", "range")
    if number is None:
        return ()
    years = [int(float(one)) for one in number.value.split("|") if one.replace(".", "").isdecimal()]
    if not years or not all(1900 <= year <= 2100 for year in years):
        return ()
    first, last = f"{years[0]}-01-01", f"{years[-1]}-12-31"
    operator = _operator(clause) or ("at_least" if clause.has("since") and number.tag == "num" else "between")
    if operator == "between":
        return (Condition(header, wording.operator("between"), wording.both(first, last)),)
    return (Condition(header, wording.operator(operator), last if operator in ("above", "at_most") else first),)


def _by_dates(clause: Clause, header: str, wording: Wording) -> tuple[Condition, ...]:
    """ "between 1/2/2026 and 31/3/2026"."""
    both = clause.one("range")
    if both is None or both.number:
        return ()
    return (Condition(header, wording.operator("between"), wording.both(*both.value.split("|"))),)


_BY_KIND: dict[str, Callable[[Clause, FieldColumn, Wording], tuple[Condition, ...]]] = {
    **dict.fromkeys(("number", "integer", "money"), _number_field),
    **dict.fromkeys(("date", "moment"), _date_field),
}


def form(conditions: tuple[Condition, ...], language: str) -> str:
    """Conditions in the documented form: "gender = F + spend within 30 days > 500"."""
    return " + ".join(_forms(conditions, language))


def _forms(conditions: tuple[Condition, ...], language: str) -> Iterator[str]:
    """Each condition with its window behind the field."""
    for one in conditions:
        if one.either:
            yield f" {alternative('link', 'or', language)} ".join(_forms(one.either, language))
            continue
        looks_back = window(one.within_days, language) if one.within_days else ""
        yield " ".join(filter(None, [one.field, looks_back, one.operator, str(one.value)]))
