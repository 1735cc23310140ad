"""Whose detail a column holds, told by its header: the work's, the home's, another one, the delivery's.

Outlook has a business and a home address, a shop a billing and a delivery one, and one of them is often blank: which
of them a row has is settled row by row in `second_choices.py`.
"""

from __future__ import annotations

from xlcrm.importing import header_words, programs

# The first block that a row has anything in is the one taken.
MAIN, HOME, OTHER, DELIVERY = range(4)
ADDRESS = frozenset(
    "address street house_number unit address_extra postal_code city region country po_box postcode_city".split()
)
# Fields that a second column may fill where the first one is blank.
SPARE = ADDRESS | {"phone", "mobile", "email"}
_MARKS: dict[int, frozenset[str]] = {
    HOME: frozenset(
        "home personal private privat priv ab abitazione casa domicile perso personnel personnelle particular hjem "
        "hjemland hjemme prive thuis residencial pessoal hem bostad bolig".split()
    ),
    OTHER: frozenset(
        "other otro otra altro altra autre annen annet andre andere anderer weitere weiterer outro outra overig "
        "overige ovrigt ovrig anden andet alternative alternate alt additional secondary second seconda secondo "
        "2 3 4 5".split()
    ),
    DELIVERY: frozenset(
        "shipping ship shipped delivery deliver spedizione consegna destinazione dest envio entrega levering leverings "
        "livraison lieferung liefer verzend verzending aflever leverans recipient".split()
    ),
}
_MAIN = frozenset(
    "work business office company mailing billing bill invoice primary main default firma geschaftlich buro uff "
    "ufficio bureau travail professionnel pro trabajo oficina arbeid arb jobb fatturazione facturacion rechnung "
    "faktura facturation werk zakelijk trabalho arbete factuur customer buyer client contact to address "
    "de del della dello di du des der zu of el la l d".split()
)
_BLOCKED = frozenset(
    "manager assistant assistants assistente assistent owner spouse partner sales rep agent from sender created "
    "modified by user supplier vendor seller employee old previous vertreter commerciale agente vendedor selger "
    "vendeur verkaufer emergency label fax telefax telefaks telecopie type typ tipo display visningsnavn".split()
)


def block(header: str) -> int:
    """MAIN, HOME, OTHER or DELIVERY, by the words of the header; MAIN where none of them says."""
    found = set(header_words.tokens(header))
    return next((at for at in (DELIVERY, OTHER, HOME) if _MARKS[at] & found), MAIN)


def spare_of(header: str, program: str = "") -> str:
    """The field of Clients that this column is a second choice for; "" where it is none, or somebody else's detail."""
    if programs.field_of(program, "Clients", header) == programs.NO_FIELD:
        return ""
    parts = header_words.tokens(header)
    if _BLOCKED & set(parts):
        return ""
    marks = frozenset().union(_MAIN, *_MARKS.values())
    plain = " ".join(part for part in parts if part not in marks)
    for text in (header, plain, f"{plain} address"):
        for reading in header_words.readings("Clients", text, program) if text.strip() else ():
            if reading.field in SPARE:
                return reading.field
    return ""
