"""E-invoices of Italy: random files by the agency's schema, by SdI's controls and to the cent; spoilt ones refused.

    python benchmarks/einvoices.py fatturapa --count 200 --data ../shared/data/einvoice

`--data` is the folder with FatturaPA-1.2.2.xsd and xmldsig-core-schema.xsd. The controls and the reckoning are those of
tests/support, which know nothing of xlcrm. What each of the three refuses is counted apart: the schema knows no sums,
and SdI forgives a cent of a line and a euro of a taxable sum.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import time
from collections import Counter
from pathlib import Path

import xmlschema

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.fatturapa_checker import CONTROLS, agency_schema, faults, sums  # noqa: E402
from tests.support.random_fatturapa import KINDS, Raw, raw_invoices, reckoned, spoilt, written_invoice  # noqa: E402
from xlcrm.einvoices.fatturapa import write  # noqa: E402


def verdicts(schema: xmlschema.XMLSchema, content: bytes, raw: Raw) -> tuple[bool, list[str], bool]:
    """Whether the schema takes a file, the codes of SdI, and whether every amount is as reckoned."""
    try:
        exact = sums(content) == reckoned(raw)
    except ValueError:
        exact = False
    return schema.is_valid(io.BytesIO(content)), faults(content), exact


def fatturapa(count: int, seed: int, folder: Path) -> int:
    schema, rng = agency_schema(folder), random.Random(seed)
    good: Counter[str] = Counter()
    refused: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    codes: Counter[str] = Counter()
    started = time.perf_counter()
    for number, raw in enumerate(raw_invoices(seed, count), 1):
        content = write(written_invoice(raw, number))
        valid, found, exact = verdicts(schema, content, raw)
        good.update({"schema": valid, "SdI": not found, "to the cent": exact, "amounts": _amounts(content)})
        if not (valid and exact) or found:
            print(f"invoice {number}: schema {valid}, SdI {found}, exact {exact}")
        kind = KINDS[number % len(KINDS)]
        valid, found, exact = verdicts(schema, spoilt(content, kind, rng), raw)
        codes.update(found)
        refused[kind].update({"files": 1, "schema": not valid, "SdI": bool(found), "reckoning": not exact})
        refused[kind]["any"] += not valid or bool(found) or not exact
    print(f"{count} files in {time.perf_counter() - started:.1f} s, {len(CONTROLS) + 1} controls")
    print("good:", dict(good))
    for kind, counts in refused.items():
        print(f"spoilt ({kind}):", dict(counts))
    print("codes that fired:", dict(sorted(codes.items())))
    missed = sum(counts["files"] - counts["any"] for counts in refused.values())
    return 0 if good["schema"] == good["SdI"] == good["to the cent"] == count and not missed else 1


def _amounts(content: bytes) -> int:
    """How many amounts were compared."""
    found = sums(content)
    return len(found["lines"]) + 2 * len(found["taxes"]) + 4  # type: ignore[arg-type]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("what", choices=("fatturapa",))
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=19)
    parser.add_argument("--data", type=Path, required=True)
    given = parser.parse_args()
    return fatturapa(given.count, given.seed, given.data)


if __name__ == "__main__":
    raise SystemExit(main())
