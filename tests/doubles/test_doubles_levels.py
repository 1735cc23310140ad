"""Normal forms and comparison levels of single fields, from the tables in tests/cases."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rapidfuzz.distance import OSA, JaroWinkler

from xlcrm.doubles import likeness, prepared
from xlcrm.doubles.engine import PERHAPS, Engine
from xlcrm.doubles.likeness import CompanyWords
from xlcrm.doubles.odds import default_shares, most_shares, relations
from xlcrm.doubles.prepared import KINDS
from xlcrm.doubles.value_pairs import LEAST_LIKE, ValuePairs
from xlcrm.doubles.word_forms import nicknames, rows_of

CASES = Path(__file__).resolve().parents[1] / "cases"


def cases(name: str) -> list[dict[str, str]]:
    with (CASES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def codes(kind: str) -> list[str]:
    return [row["code"] for row in rows_of("comparison_levels") if row["kind"] == kind]


@pytest.mark.parametrize("case", cases("doubles_folding"), ids=lambda c: f"{c['kind']}-{c['left'][:20]}")
def test_what_looks_the_same_is_the_same(case: dict[str, str]) -> None:
    fold = prepared.FOLDERS[case["kind"]]
    assert (fold(case["left"], "IT") == fold(case["right"], "IT")) == (case["same"] == "yes"), case["why"]


@pytest.mark.parametrize("case", cases("doubles_levels"), ids=lambda c: f"{c['kind']}-{c['left']}-{c['right']}"[:50])
def test_a_pair_of_values_has_its_level(case: dict[str, str]) -> None:
    for one, other in ((case["left"], case["right"]), (case["right"], case["left"])):
        level = likeness.LEVELS[case["kind"]](ValuePairs.of([one], [other]))[0]
        assert codes(case["kind"])[level] == case["code"], case["why"]


def test_a_rare_word_in_common_joins_firms_and_a_common_not() -> None:
    names = ["odoli tessuti", "tessuti odoli srl", *(f"bar {word}" for word in "uno due tre sport mare sole".split())]
    words = CompanyWords(names)
    level = words.levels(np.array([0, 2]), np.array([1, 5]))
    assert level[0] >= 2 > level[1]


def test_branches_are_cut_off_a_company() -> None:
    assert prepared.branch("odoli tessuti filiale tricesimo") == ("odoli tessuti", "tricesimo")
    assert prepared.branch("odoli tessuti") == ("odoli tessuti", "")


def test_numbers_leave_the_street() -> None:
    assert prepared.street_and_number("12 st james") == ("st james", "12")
    assert prepared.street_and_number("via roma 12 b") == ("via roma", "12b")
    assert prepared.street_and_number("via roma") == ("via roma", "")


def test_tables_agree_with_each_other() -> None:
    kinds = set(KINDS.values())
    assert kinds == set(default_shares()) == set(prepared.FOLDERS) == set(likeness.LEVELS) | {"company"}
    assert all(abs(shares.sum() - 1) < 1e-9 for shares in default_shares().values())
    assert relations()[0].name == "same" and len({relation.name for relation in relations()}) == len(relations())
    assert (most_shares("given", 0.05) <= 1).all()


def test_nicknames_are_many_and_say_where_from() -> None:
    rows = rows_of("nicknames")
    assert len({frozenset((row["name"], row["short"])) for row in rows}) >= 600
    assert {row["language"] for row in rows} == {"it", "es", "nb", "en", "fr", "de"}
    assert all(row["source"] == "general knowledge" for row in rows)
    assert "beppe" in nicknames()["giuseppe"] and "giuseppe" in nicknames()["beppe"]


def test_pairs_left_out_unlooked_at_have_too_few_bits() -> None:
    names = ["Anna Prova", "Ana Prova", "Prova Anna", "Bo Li", "Bo Lie", "Eva Muster", "Ole Test"] * 6
    rows = pd.DataFrame(
        {"full_name": names, "email": [f"{name[:3].lower()}{n % 9}@example.com" for n, name in enumerate(names)]}
    )
    engine = Engine(rows, [str(n) for n in range(len(rows))], "IT")
    every, likely = engine.scored(), engine.likely()
    kept = dict(zip(zip(likely.evidence.first, likely.evidence.second, strict=True), likely.scores, strict=True))
    all_ = dict(zip(zip(every.evidence.first, every.evidence.second, strict=True), every.scores, strict=True))
    assert kept == {pair: all_[pair] for pair in kept}
    assert {pair for pair, bits in all_.items() if bits >= PERHAPS} <= set(kept)


def test_no_filter_of_signs_hides_a_near_value() -> None:
    texts = ["anna", "ana", "anan", "", "bianchi", "bianco", "x", "rossi verdi", "verdi", "müller", "mueller", "nna"]
    one, other = [a for a in texts for _ in texts], texts * len(texts)
    pairs = ValuePairs.of(one, other)
    for most in (1, 2):
        plain = [min(OSA.distance(a, b), most + 1) for a, b in zip(one, other, strict=True)]
        assert pairs.edits(most).tolist() == plain
    like = [JaroWinkler.normalized_similarity(a, b) for a, b in zip(one, other, strict=True)]
    assert np.allclose(pairs.winkler(), [found if found >= LEAST_LIKE else 0 for found in like], atol=1e-6)
