"""Planted secrets: how many of 300 that somebody wrote into notes of real lists are found, in six languages.

    python benchmarks/planted_secrets.py [--seed 1] [FOLDER]

The sentences of tests/cases/privacy/secrets_planted.csv were written without a look at the words that the program
knows; card, account and identity numbers are drawn for each run, in the forms that people type. With FOLDER (the lists
of `sensitive_text.py`) they are planted into that many notes of others, so that what is found is what was planted and
nothing else.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.sensitive_text import texts  # noqa: E402
from tests.support.planted_secrets import KINDS, PlantedSecret, planted  # noqa: E402
from xlcrm.privacy.sensitive_text import finds_in  # noqa: E402

NOTES = 15_000


def main() -> None:
    """Prints the share that was found, by language and by kind, what was missed, and what was found besides."""
    asked = argparse.ArgumentParser()
    asked.add_argument("folder", nargs="?")
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    secrets = planted(given.seed)
    notes = [note for _, part in texts(Path(given.folder)) for note in part] if given.folder else [""] * len(secrets)
    chance = random.Random(given.seed)
    notes = list(islice(notes, NOTES)) if len(notes) > NOTES else notes
    places = chance.sample(range(len(notes)), len(secrets))
    for place, secret in zip(places, secrets, strict=True):
        notes[place] = f"{notes[place]}. {secret.text}".removeprefix(". ")
    found = finds_in(notes)
    met = [bool(KINDS[s.kind] & {f.kind for f in found.get(p, [])}) for p, s in zip(places, secrets, strict=True)]
    tell(secrets, met)
    besides = sorted(set(found) - set(places))
    share = f"{sum(met)} found: {sum(met) / len(met):.1%}"
    print(f"{len(notes)} notes, {len(secrets)} planted, {share}; besides {len(besides)}")
    for place in besides[:20]:
        print("   false alarm:", notes[place][:110].replace("\n", " "), found[place])


def tell(secrets: list[PlantedSecret], met: list[bool]) -> None:
    """Shares by language and kind, and the sentences that were missed."""
    for what in ("language", "kind"):
        whole = Counter(getattr(secret, what) for secret in secrets)
        hits = Counter(getattr(secret, what) for secret, hit in zip(secrets, met, strict=True) if hit)
        print(f"{what}:", ", ".join(f"{name} {hits[name]}/{n}" for name, n in sorted(whole.items())))
    for secret, hit in zip(secrets, met, strict=True):
        if not hit:
            print("   missed:", secret.language, secret.kind, secret.text)


if __name__ == "__main__":
    main()
