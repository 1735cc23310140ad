"""Rebuilds xlcrm/data/names from the name lists of three MIT-licensed generators of test data.

    python -m venv lists && lists/bin/pip install faker mimesis && npm install @faker-js/faker
    node --input-type=module -e \
        "import {allLocales as l} from '@faker-js/faker'; console.log(JSON.stringify(l))" > faker.json
    lists/bin/python tools/build_name_lists.py --faker-js faker.json --out xlcrm/data/names

Written: `names.txt.gz` (a folded name, then for each language its letter, in how many lists it is a given name and in
how many a family name) and `endings.txt` (language, ending, tenths of log odds that a name ending so is given).
The folding must stay that of `xlcrm.text.fold_letters`.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import json
import math
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from xlcrm.text import fold_letters

# letter -> locales of Faker, of mimesis, of faker-js
LOCALES = {
    "i": ("it_IT", "it", "it"),
    "e": ("es_ES es_CA es_AR es_CL es_CO es_MX", "es es-mx", "es es_MX"),
    "f": ("fr_FR fr_BE fr_CA fr_CH fr_QC", "fr", "fr fr_BE fr_CA fr_CH fr_LU"),
    "d": ("de_DE de_AT de_CH de_LI de_LU", "de de-at", "de de_AT de_CH"),
    "n": ("no_NO da_DK sv_SE", "no da sv", "nb_NO da sv"),
    "u": ("en en_US en_GB en_IE en_NZ ga_IE", "en en-gb en-au en-ca", "en en_AU"),
    "l": ("nl_NL nl_BE", "nl nl-be", "nl nl_BE"),
    "p": ("pt_PT pt_BR", "pt pt-br", "pt_PT pt_BR"),
    "o": (
        "fi_FI pl_PL cs_CZ sk_SK hr_HR sl_SI hu_HU ro_RO tr_TR lt_LT lv_LV et_EE en_IN en_PK en_KE fr_DZ id_ID yo_NG"
        " tw_GH",
        "fi pl cs sk hr hu tr et",
        "fi pl cs_CZ sk hr hu ro sr_RS_latin tr lv sl_SI en_IN en_GH en_NG en_ZA id_ID fr_SN vi",
    ),
}
WORD = re.compile(r"[a-z][a-z' ]*[a-z]")
FAR = "lo"  # languages that only help to recognise a name at all
FEW = 6  # an ending seen less often says nothing


def faker(locales: str) -> tuple[set[str], set[str]]:
    given, family = set(), set()
    for locale in locales.split():
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for attribute in ("first_names", "first_names_male", "first_names_female", "first_names_unisex"):
            given |= names(getattr(provider, attribute, ()))
        for attribute in ("last_names", "last_names_male", "last_names_female"):
            family |= names(getattr(provider, attribute, ()))
    return given, family


def mimesis(locales: str) -> tuple[set[str], set[str]]:
    import mimesis as package

    given, family = set(), set()
    for locale in locales.split():
        path = Path(package.__file__).parent / "datasets" / locale / "person.json"
        data = json.loads(path.read_text(encoding="utf-8"))
        given |= names(data.get("names"))
        family |= names(data.get("surnames"))
    return given, family


def faker_js(locales: str, data: dict[str, dict[str, dict[str, object]]]) -> tuple[set[str], set[str]]:
    given, family = set(), set()
    for locale in locales.split():
        given |= names(data[locale]["person"].get("first_name"))
        family |= names(data[locale]["person"].get("last_name"))
    return given, family


def names(source: object) -> set[str]:
    """Folded names out of lists, weighted lists and lists by sex."""
    return {name for text in strings(source) if WORD.fullmatch(name := fold_letters(text).replace("-", " "))}


def strings(source: object) -> Iterator[str]:
    if isinstance(source, str):
        yield source
    elif isinstance(source, dict):
        if "value" in source and "weight" in source:
            yield str(source["value"])
        else:
            keyed_by_name = all(isinstance(value, (int, float)) for value in source.values())
            yield from source if keyed_by_name else strings(list(source.values()))
    elif isinstance(source, Iterable):
        for part in source:
            yield from strings(part)


def endings(counts: dict[str, dict[str, list[int]]]) -> Iterator[str]:
    for letter in LOCALES:
        seen: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for name, languages in counts.items():
            given, family = languages.get(letter, (0, 0))
            if given != family and " " not in name:
                for size in range(1, min(4, len(name) - 1) + 1):
                    seen[name[-size:]][given < family] += 1
        total = [sum(n[i] for ending, n in seen.items() if len(ending) == 1) for i in (0, 1)]
        kept: dict[str, float] = {}
        for ending, (g, f) in sorted(seen.items(), key=lambda item: (len(item[0]), item[0])):
            odds = math.log((g + 0.5) / (f + 0.5) * total[1] / total[0])
            shorter = next((kept[ending[i:]] for i in range(1, len(ending)) if ending[i:] in kept), 0.0)
            if g + f >= FEW and abs(odds - shorter) > 0.4:
                kept[ending] = odds
        yield from (f"{letter}\t{ending}\t{round(10 * odds)}" for ending, odds in sorted(kept.items()))


def entries(counts: dict[str, dict[str, list[int]]]) -> Iterator[str]:
    """One line a name, without family names that only one list of a far language has: they would double the file."""
    for name in sorted(counts):
        kept = {k: (g, f) for k, (g, f) in counts[name].items() if g or f > 1 or (k not in FAR and " " not in name)}
        if kept:
            yield f"{name}\t{''.join(f'{k}{g}{f}' for k, (g, f) in sorted(kept.items()))}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faker-js", type=Path, required=True, help="JSON of faker-js' allLocales")
    parser.add_argument("--out", type=Path, required=True, help="folder to write names.txt and endings.txt to")
    options = parser.parse_args()
    js = json.loads(options.faker_js.read_text(encoding="utf-8"))
    counts: dict[str, dict[str, list[int]]] = defaultdict(dict)
    for letter, (a, b, c) in LOCALES.items():
        for given, family in (faker(a), mimesis(b), faker_js(c, js)):
            for column, found in enumerate((given, family)):
                for name in found:
                    counts[name].setdefault(letter, [0, 0])[column] += 1
    lines = list(entries(counts))
    text = ("\n".join(lines) + "\n").encode("ascii")
    (options.out / "names.txt.gz").write_bytes(gzip.compress(text, mtime=0))
    (options.out / "endings.txt").write_text("\n".join(endings(counts)) + "\n", encoding="utf-8", newline="\n")
    print(f"{len(lines)} names")


if __name__ == "__main__":
    main()
