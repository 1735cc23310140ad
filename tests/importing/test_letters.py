"""No letter of a list is lost or made up: charsets, quotes that swallow rows, vCards, and client files of our own."""

from __future__ import annotations

import pandas as pd
import pytest

from xlcrm import words
from xlcrm.importing import Incoming, delimited, own_workbook, vcard
from xlcrm.importing.matching import as_in_table
from xlcrm.importing.same_client.exact_keys import match

ROWS = "Nome,Cognome,Note\nAnna,Rossi,ok\n"


@pytest.mark.parametrize(
    ("data", "expected", "why"),
    [
        ("Jörg;Müller".encode("cp1252"), "Jörg;Müller", "an old Windows file"),
        ("Jörg;Müller;Å".encode(), "Jörg;Müller;Å", "UTF-8"),
        ("Jörg\nÆrø\n".encode() + "Grüße".encode("cp1252"), "Jörg\nÆrø\nGrüße", "two lists put together"),
        ("Jörg Müller".encode().decode("cp1252").encode(), "Jörg Müller", "encoded twice"),
        ("Città\n".encode() + "PeÃ±a".encode(), "Città\nPeña", "encoded twice below a right header"),
        ("\ufeffJörg".encode() + b"\xfc", "Jörgü", "a mark of UTF-8 and an old letter"),
        (b"caf\xe9 \x80 5", "café € 5", "euro and accent of Windows"),
        ("Ã sin and Â art".encode(), "Ã sin and Â art", "real letters stay"),
    ],
)
def test_a_file_is_read_with_all_its_letters(data: bytes, expected: str, why: str) -> None:
    assert delimited.decode(data) == expected, why


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (ROWS + 'Pia,Conti,"non chiuso\nLeo,Serra,ok\nLia,Monti,ok\n', 3, "runs to the end of the file"),
        (ROWS + 'Pia,Conti,"schermo 32"" grande\nLeo,Serra,ok\nLia,Monti,"via Roma, 5"\n', 3, "inches inside"),
        (ROWS + 'Pia,Conti,"uno\nLeo,Serra,ok\nLia,Monti,"due\nEva,Neri,ok\n', 3, "two that swallow each other"),
        (ROWS + 'Pia,Conti,"first line\nsecond line, too"\nLeo,Serra,ok\n', 0, "a note of two lines is whole"),
        (ROWS + 'Pia,Conti,32" screen\nLeo,Serra,ok\n', 0, "an inch in a cell without quotes"),
        (ROWS + 'Pia,Conti,"a ""word"" in quotes"\n', 0, "doubled quotes"),
        (ROWS, 0, "no quotes"),
    ],
)
def test_a_quote_that_swallows_rows_names_its_line(text: str, line: int, why: str) -> None:
    assert delimited.open_quote(text, ",") == line, why


def card(*lines: str) -> str:
    return "\n".join(["BEGIN:VCARD", "VERSION:2.1", *lines, "END:VCARD", ""])


@pytest.mark.parametrize(
    ("lines", "column", "expected"),
    [
        (["N;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg"], "last_name", "Müller"),
        (["N;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg"], "first_name", "Jörg"),
        (["N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;"], "last_name", "Müller"),
        (["N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=FCller;"], "last_name", "Müller"),
        (["N:Petit;Inès;Marie,Anne;;"], "middle_name", "Marie Anne"),
        (["FN:Acme", "TEL;VALUE=uri:tel:+33-4-74-55-00-03;ext=102"], "phone", "+33-4-74-55-00-03 ext. 102"),
        (["FN:Moreau SARL", "KIND:org"], "company", "Moreau SARL"),
        (["FN:Bar Sport", "ORG:Bar Sport;", "X-ABShowAs:COMPANY"], "kind", "company"),
        (["FN:Ana", "KIND:individual"], "kind", "person"),
    ],
)
def test_a_card_is_read(lines: list[str], column: str, expected: str) -> None:
    assert vcard.cards(card(*lines))[0][column] == expected


def test_a_group_is_no_client_and_is_named() -> None:
    text = card("FN:Equipe", "KIND:group") + card("FN:Ana")
    assert [found["full_name"] for found in vcard.cards(text)] == ["Ana"]
    assert vcard.groups(text) == ["Equipe"]


@pytest.mark.parametrize(
    ("titles", "own"),
    [
        (["Start", "Clienti", "Acquisti", "Impostazioni", "Problemi", "Cruscotto"], True),
        (["Kunden", "Käufe", "Einstellungen", "Dubletten", "Listen"], True),
        (["Clients", "Sheet2"], False),
        (["Settings", "Lists", "Problems"], False),
    ],
)
def test_a_client_file_of_ours_is_known(titles: list[str], own: bool) -> None:
    assert own_workbook.is_own(titles) is own


def test_only_its_records_are_read() -> None:
    titles = ["Cruscotto", "Clienti", "Cifre", "Acquisti", "Trovati", "Contatti", "Impostazioni"]
    assert own_workbook.record_sheets(titles) == ["Clienti", "Acquisti", "Contatti"]
    frame = pd.DataFrame({"Nome completo": ["Anna"], "Spesa totale": [12.0], "Scarpe": ["39"]})
    header = words.header("Clients", "total_spend", "it")
    one = Incoming("a.xlsm", "Clienti", frame.rename(columns={"Spesa totale": header}))
    done = own_workbook.without_calculated(one, "Clienti")
    assert list(done.frame.columns) == ["Nome completo", "Scarpe"]
    assert [problem.code for problem in done.problems] == ["import.own_workbook"]


def test_its_columns_are_known_by_their_own_words() -> None:
    frame = pd.DataFrame({"Importo": ["500"], "Gross amount": ["600"], "Type": ["SR"], "Prodotto": [""]})
    done = own_workbook.without_calculated(Incoming("a.xlsm", "Acquisti", frame), "Acquisti")
    assert done.known == {"Importo": "amount", "Gross amount": "", "Type": ""}
    assert done.own


@pytest.mark.parametrize(
    ("lines", "first"),
    [
        (("EMAIL;PREF=2:b@example.com", "EMAIL;PREF=1:a@example.com"), "a@example.com"),
        (("EMAIL:b@example.com", "EMAIL;type=INTERNET;type=pref:a@example.com"), "a@example.com"),
        (("EMAIL:a@example.com", "EMAIL:b@example.com"), "a@example.com"),
    ],
)
def test_the_preferred_line_of_a_card_comes_first(lines: tuple[str, ...], first: str) -> None:
    assert vcard.cards(card("FN:Ana", *lines))[0]["email"] == first


def people(**columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(cells, dtype="str") for name, cells in columns.items()})


@pytest.mark.parametrize(
    ("there", "comes", "found", "why"),
    [
        ("Giulia Ferrari", "Paolo Ferrari", False, "a couple"),
        ("Giulia Ferrari", "G. Ferrari", True, "an initial"),
        ("Giulia Ferrari", "Giulia Rossi", True, "a new surname"),
        ("Giulia Ferrari", "Ferrari Giulia", True, "the other order"),
        ("Giulia Ferrari", "Guilia Ferrari", True, "a slip"),
        ("Ferrari", "Paolo Ferrari", True, "less is known of the first"),
        ("José Álvarez", "JOSE ALVAREZ", True, "accents and case"),
        ("Giulia Ferrari", "", True, "no name at all"),
    ],
)
def test_an_email_alone_is_no_person(there: str, comes: str, found: bool, why: str) -> None:
    ours = people(client_id=["C0001"], full_name=[there], email=["casa@example.com"])
    theirs = people(full_name=[comes], email=["CASA@example.com"])
    done = match(ours, theirs)
    assert bool(done.at[0] == 0) is found, why
    assert bool(done.shared) is not found


@pytest.mark.parametrize(
    ("there", "comes", "expected"),
    [
        (["C024"], "c024", "C024"),
        (["C0024"], "C24", "C0024"),
        (["C024", "C0024"], "C24", "C24"),
        (["C024", "C0024"], "c0024", "C0024"),
        (["7"], "0007", "7"),
        (["ALFKI"], "alfki", "ALFKI"),
        (["C024"], "D24", "D24"),
        (["C024"], "", ""),
    ],
)
def test_an_id_is_the_tables_own(there: list[str], comes: str, expected: str) -> None:
    ids = as_in_table(pd.Series([comes], dtype="str"), pd.Series(there, dtype="str"))
    assert ids.tolist() == [expected]
