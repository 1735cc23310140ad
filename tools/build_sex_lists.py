"""Rebuilds xlcrm/data/names/given_names_by_sex.txt from the lists of two MIT-licensed generators of test data.

    python -m venv lists && lists/bin/pip install faker mimesis names
    lists/bin/python tools/build_sex_lists.py --out xlcrm/data/names/given_names_by_sex.txt

A line is a folded name and, by language, the sex that all lists of that language give it: "andrea, deF itM". A name
that one list of a language has for women and another for men, or that one calls unisex, is left out for it. English
names must also pass the US census of 1990 (public domain, from the package names): one in a hundred of those who bear
it may be of the other sex, and it may not be a family name ten times as often.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from xlcrm.text import fold_letters

# language -> locales of Faker, of mimesis
LOCALES = {
    "it": ("it_IT", "it"),
    "es": ("es_ES es_CA es_AR es_CL es_CO es_MX", "es es-mx"),
    "fr": ("fr_FR fr_BE fr_CA fr_CH fr_QC", "fr"),
    "de": ("de_DE de_AT de_CH de_LI", "de de-at de-ch"),
    "nb": ("no_NO", "no"),
    "da": ("da_DK", "da"),
    "sv": ("sv_SE", "sv"),
    "en": ("en_US en_GB en_IE en_NZ", "en en-gb en-au en-ca"),
    "nl": ("nl_NL nl_BE", "nl nl-be"),
    "pt": ("pt_PT pt_BR", "pt pt-br"),
    "fi": ("fi_FI", "fi"),
    "pl": ("pl_PL", "pl"),
    "cs": ("cs_CZ", "cs"),
}
# Names that women and men bear, whatever one list says; those of one sex in some language stand behind the colon.
UNISEX = """
alex:  alexis:  addison:  ange:  angel: es
anne: it de nb da sv en fi fr  ariel:  ashley:  avery:  bo:  cameron:  camille: it de nb  casey:  celeste: it es
charlie:  chris:  claude:  cruz:  dana:  dominique:  eden:  eli:  elia: it  fiore:  florence: en  gabriele: it de
guadalupe:  inge: nl  jackie:  jamie:  jan: nb da sv de nl pl cs  jean: fr  jo:  jordan:  kelly:  kim:  kris:
laurence: en  lee:  leslie:  lindsay:  lo:  lou:  love:  luca: it de fr es  maxime:  mika: fi  morgan:
nicola: it  nikita: fi
noa:  pat:  patrice:  quinn:  reyes:  robin:  rosario: it  sacha:  sam:  sascha: de  sasha:  shannon:  simone: it fr de
taylor:  terry:  toni:  tony:  tracy:  trinidad: es  willy:  yael:
"""
# Names of one sex in a country that some list of it has for the other by mistake.
CERTAIN = {"de": {"F": "andrea"}, "it": {"M": "luca nicola mattia elia"}, "es": {"M": "jose"}}
KEPT = {name: set(kept.split()) for name, kept in re.findall(r"([a-z]+):((?: [a-z]{2}(?= |$|\n))*)", UNISEX)}
WORD = re.compile(r"[a-z]['a-z]*[a-z]")


def faker(locales: str) -> list[tuple[str, str]]:
    found = []
    for locale in locales.split():
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for sex, attribute in (("M", "first_names_male"), ("F", "first_names_female"), ("U", "first_names_unisex")):
            found += [(name, sex) for name in getattr(provider, attribute, ())]
        own = set(vars(provider))
        both = {"first_names_male", "first_names_female"} <= own
        if "first_names_nonbinary" in own and both:
            male, female = set(provider.first_names_male), set(provider.first_names_female)
            found += [(name, "U") for name in provider.first_names_nonbinary if (name in male) == (name in female)]
    return found


def mimesis(locales: str) -> list[tuple[str, str]]:
    import mimesis as package

    found = []
    for locale in locales.split():
        path = Path(package.__file__).parent / "datasets" / locale / "person.json"
        names = json.loads(path.read_text(encoding="utf-8")).get("names", {})
        found += [(name, sex) for sex, key in (("M", "male"), ("F", "female")) for name in names.get(key, ())]
    return found


def unsure_in_english() -> set[str]:
    """Given names that the census has for both sexes, or far more often as family names (Jewell, Walker)."""
    import names as package

    folder = Path(package.__file__).parent
    male, female, family = (
        {line.split()[0].lower(): float(line.split()[1]) for line in (folder / f"dist.{part}").read_text().splitlines()}
        for part in ("male.first", "female.first", "all.last")
    )
    found = set()
    for name in male.keys() | female.keys() | family.keys():
        of_men, of_women = male.get(name, 0.0), female.get(name, 0.0)
        both = min(of_men, of_women) > 0.01 * (of_men + of_women)
        surname = family.get(name, 0.0) >= max(0.005, 10 * (of_men + of_women))
        if both or surname:
            found.add(name)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    out: Path = parser.parse_args().out
    sexes: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for language, (theirs, others) in LOCALES.items():
        for name, sex in (*faker(theirs), *mimesis(others)):
            folded = fold_letters(name).replace("-", " ")
            if all(WORD.fullmatch(part) for part in folded.split()):
                sexes[folded][language].add(sex)
    for language, certain in CERTAIN.items():
        for sex, known in certain.items():
            for name in known.split():
                sexes[name][language] = {sex}
    for name in unsure_in_english() & sexes.keys():
        sexes[name].pop("en", None)
    lines = []
    for name in sorted(sexes):
        told = [
            f"{one}{next(iter(sex))}"
            for one, sex in sorted(sexes[name].items())
            if sex in ({"F"}, {"M"}) and one in KEPT.get(name, LOCALES)
        ]
        if told:
            lines.append(f"{name}\t{' '.join(told)}")
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(len(lines), "names")


if __name__ == "__main__":
    main()
