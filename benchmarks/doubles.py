"""How fast doubles are found beside Splink, on the same invented list in the same run, each in a process of its own.

    python benchmarks/doubles.py [rows] [--often] [--growth]

Needs `pip install splink`; without it only our own figures are printed. `--growth` runs 5,000, 50,000 and 500,000 rows
instead. With `--often` four rows in five are doubles, as in a list of orders or of a census. The list is made up from
our own name lists: one row in five is a double of another with slips, missing fields or a move, and couples share
address, phone and surname. Splink is set up as its example of 50,000 people: Jaro-Winkler and date comparisons, m
estimated by EM, clusters at a probability of .5. Speed depends on the machine, so only the ratios of one run count.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version

import numpy as np
import pandas as pd

from xlcrm.doubles import find_doubles
from xlcrm.names.knowledge import counts, known_names

FIELDS = ["first_name", "last_name", "birth_date", "street", "house_number", "postal_code", "city", "email", "phone"]
DOUBLES, OFTEN = 0.2, 0.8
COUPLES = 0.1
# the rules of Splink's own example of 50,000 people, with our columns, and its mail and phone
BLOCKS = [
    ("substr(first_name, 1, 3)", "substr(last_name, 1, 4)"),
    ("last_name", "birth_date"),
    ("first_name", "birth_date"),
    ("postal_code", "first_name"),
    ("postal_code", "last_name"),
    ("birth_date", "city"),
    ("substr(postal_code, 1, 3)", "birth_date"),
    ("substr(postal_code, 1, 3)", "first_name"),
    ("substr(postal_code, 1, 3)", "last_name"),
    ("substr(first_name, 1, 2)", "substr(last_name, 1, 2)", "substr(birth_date, 1, 4)"),
    ("email",),
    ("phone",),
]


def made_up(rows: int, doubles: float = DOUBLES, seed: int = 7) -> pd.DataFrame:
    """`rows` clients with a column `person` that tells who is who."""
    chance = np.random.default_rng(seed)
    known = [(name, counts(name).get("i", (0, 0))) for name in known_names() if " " not in name and len(name) > 3]
    given = chance.permutation([name.title() for name, (g, f) in known if g > 1 and not f])[:1500]
    family = chance.permutation([name.title() for name, (g, f) in known if f > 1 and not g])[:12000]
    people = int(rows * (1 - doubles))
    d = pd.DataFrame(
        {
            "first_name": chance.choice(given, people, p=_falling(len(given))),
            "last_name": chance.choice(family, people, p=_falling(len(family))),
            "birth_date": pd.to_datetime(chance.integers(-14000, 13000, people), unit="D").strftime("%Y-%m-%d"),
            "street": np.char.add("Via ", chance.choice(family[:3000], people).astype(str)),
            "house_number": chance.integers(1, 150, people).astype(str),
            "town": chance.choice(900, people, p=_falling(900)),
            "phone": np.char.add("0", chance.integers(10**8, 10**9, people).astype(str)),
        }
    )
    d["postal_code"], d["city"] = (10000 + 37 * d.town).astype(str), "Borgo " + d.town.map(lambda n: str(family[n]))
    couples = chance.choice(people // 2, int(people * COUPLES / 2), replace=False) * 2
    for column in ("last_name", "street", "house_number", "postal_code", "city", "phone"):
        d.loc[couples + 1, column] = d.loc[couples, column].to_numpy()
    d["email"] = (
        d.first_name.str.lower() + "." + d.last_name.str.lower() + chance.integers(1, 10 * people, people).astype(str)
    )
    d["email"] += "@example.com"
    d["person"] = np.arange(people)
    again = d.iloc[chance.choice(people, rows - people)].copy()
    both = pd.concat([d, _dirtied(again, chance)], ignore_index=True).drop(columns="town")
    for column in ("birth_date", "email", "phone", "street"):
        both.loc[chance.random(rows) < 0.25, column] = ""
    return both.sample(frac=1, random_state=seed).reset_index(drop=True)


def _falling(size: int) -> np.ndarray:
    weights: np.ndarray = 1 / (10 + np.arange(size))
    share: np.ndarray = weights / weights.sum()
    return share


def _dirtied(d: pd.DataFrame, chance: np.random.Generator) -> pd.DataFrame:
    """Slips in names, streets and dates; some phones and streets are new ones."""
    for column in ("first_name", "last_name", "street", "birth_date"):
        hit = chance.random(len(d)) < 0.15
        d.loc[hit, column] = [_slip(text, chance) for text in d.loc[hit, column]]
    moved = chance.random(len(d)) < 0.1
    d.loc[moved, "street"] = d.street.to_numpy()[::-1][moved]
    return d


def _slip(text: str, chance: np.random.Generator) -> str:
    at = int(chance.integers(1, max(2, len(text) - 1)))
    if text[at].isdigit():
        return text[:at] + str(chance.integers(0, 10)) + text[at + 1 :]
    return text[:at] + text[at + 1 :] if chance.random() < 0.5 else text[:at] + text[at] + text[at:]


def ours(d: pd.DataFrame) -> pd.Series:
    """A group for each row that has one."""
    found = find_doubles(d[FIELDS], country="IT")
    found = found[found.group >= 0]
    group = pd.concat([found.set_index(side).group for side in ("left", "right")])
    first: pd.Series = group[~group.index.duplicated()]
    return first


def splink(d: pd.DataFrame) -> pd.Series:
    """Splink's clusters."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    table = d[FIELDS].replace("", None).assign(unique_id=np.arange(len(d)))
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.ForenameSurnameComparison("first_name", "last_name"),
            cl.DateOfBirthComparison("birth_date", input_is_string=True),
            cl.ExactMatch("postal_code").configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("street", [0.9]),
            cl.ExactMatch("house_number"),
            cl.EmailComparison("email"),
            cl.ExactMatch("phone"),
        ],
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in BLOCKS],
    )
    newest = int(version("splink").split(".")[0]) >= 5
    linker = Linker(DuckDBAPI().register(table), settings) if newest else Linker(table, settings, DuckDBAPI())
    linker.training.estimate_probability_two_random_records_match([block_on("email")], recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (("first_name", "last_name"), ("birth_date",)):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
    predicted = linker.inference.predict(threshold_match_probability=0.5)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, 0.5).as_pandas_dataframe()
    found: pd.Series = clusters.set_index("unique_id").cluster_id
    return found


ENGINES: dict[str, Callable[[pd.DataFrame], pd.Series]] = {"xlcrm": ours, "splink": splink}


def f1(group: pd.Series, person: pd.Series) -> float:
    """Pairwise F1 of groups, by counting pairs within groups, people and both."""
    both = pd.DataFrame({"group": group, "person": person}).dropna()
    hit = _pairs(both.groupby(["group", "person"]).size())
    return 2 * hit / max(1, _pairs(both.groupby("group").size()) + _pairs(person.value_counts()))


def _pairs(sizes: pd.Series) -> float:
    return float((sizes * (sizes - 1) / 2).sum())


def one(engine: str, rows: int) -> dict[str, float]:
    """One engine in this process: seconds, megabytes above those before it began, F1."""
    d = made_up(rows, OFTEN if "--often" in sys.argv else DOUBLES)
    before, start, busy = _peak(), time.perf_counter(), time.process_time()
    group = ENGINES[engine](d)
    seconds = {"s": time.perf_counter() - start, "cpu": time.process_time() - busy}
    return {**seconds, "mb": _peak() - before, "total": _peak(), "f1": f1(group, d.person)}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(engine: str, rows: int) -> dict[str, float]:
    """`one` in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", engine, str(rows), *sys.argv[1:]], capture_output=True, text=True
    )
    if done.returncode:
        print(f"{engine}: not run ({(done.stderr.strip().splitlines() or ['?'])[-1]})")
        return {}
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    memory = f"{found['mb']:.0f} MB more ({found['total']:.0f} in all)"
    print(
        f"{engine}, {rows:,} rows: {found['s']:.1f} s ({found['cpu']:.1f} of processor), {memory}, F1 {found['f1']:.3f}"
    )
    return found


def main() -> None:
    if "--one" in sys.argv:
        print(json.dumps(one(sys.argv[2], int(sys.argv[3]))))
        return
    if "--growth" in sys.argv:
        for rows in (5_000, 50_000, 500_000):
            run("xlcrm", rows)
        return
    rows = int(next((word for word in sys.argv[1:] if word.isdigit()), 50_000))
    mine, theirs = run("xlcrm", rows), run("splink", rows)
    if mine and theirs:
        seconds, busy, memory = (mine[key] / theirs[key] for key in ("s", "cpu", "total"))
        print(
            f"xlcrm beside Splink: {seconds:.2f} of its seconds ({busy:.2f} of processor), {memory:.2f} of its memory"
        )


if __name__ == "__main__":
    main()
