"""Whether a list's headers are English or another language: where English is written, day and point habits differ."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from xlcrm import schema, words
from xlcrm.importing import header_words
from xlcrm.messages import LANGUAGES

TABLES = ("Clients", "Purchases", "Interactions")
# Words of headers that the schema's own columns do not have: six languages, Portuguese, Dutch, Swedish, Danish.
_OTHERS = frozenset(
    "fattura scadenza importo imponibile ragione sociale cap citta pagato incasso documento sconto aliquota "
    "fecha importe vencimiento factura poblacion razon domicilio apellidos correo nombre cobrado pendiente "
    "kunde kundenr kundenavn faktura fakturanr fakturadato forfall forfallsdato belop antall navn postnr poststed mva "
    "rechnung rechnungsnummer rechnungsdatum betrag fallig netto brutto wahrung beleg belegdatum belegnummer ort plz "
    "facture echeance montant libelle civilite nom prenom ville adresse naissance mouvement quantite prix "
    "morada codigo localidade valor vencimento fatura nome "
    "klant klantnaam klantnummer naam bedrag factuurdatum factuurnummer vervaldatum omschrijving plaats btw "
    "kundnr namn belopp ort antal forfallodatum fakturadatum fodelsedatum "
    "forfaldsdato enhedspris beskrivelse moms fodselsdato fodselsdag compleanno anniversaire cumpleanos "
    "geburtstag".split()
)
_ENGLISH = frozenset(
    "date name number invoice customer price amount item order email phone address street zip state due paid sale "
    "sales billing shipping first last buyer sold total quantity qty created birthday street company".split()
)
# Words that English shares with others tell nothing.
_SHARED = frozenset("date client total code type note notes region email mobile unit tel fax art status titel".split())


def of(headers: Iterable[str]) -> str:
    """ "en" where most headers that tell anything are English, "other" where they are of another language, else ""."""
    told = [kind for header in headers if (kind := _kind(str(header)))]
    english, other = told.count("en"), told.count("other")
    if english == other:
        return ""
    return "en" if english > other else "other"


def _kind(header: str) -> str:
    parts = set(header_words.tokens(header)) - _SHARED
    english, other = bool(parts & _words("en")), bool(parts & _words("other"))
    return "" if english == other else "en" if english else "other"


@cache
def _words(kind: str) -> frozenset[str]:
    """The words of headers that only English has, or only the other languages."""
    english = _of_languages(["en"]) | _ENGLISH
    others = _of_languages([language for language in LANGUAGES if language != "en"]) | _OTHERS
    return english - others if kind == "en" else others - english


def _of_languages(languages: Iterable[str]) -> frozenset[str]:
    return frozenset(
        word
        for language in languages
        for table in TABLES
        for column in schema.table(table).columns
        for word in header_words.tokens(words.header(table, column.name, language))
        if len(word) > 2
    )
