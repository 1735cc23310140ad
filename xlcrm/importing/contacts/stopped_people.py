"""People at a firm who are on a list of those who want no mail: an e-mail stops e-mails, a number stops calls."""

from __future__ import annotations

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.importing.batches import Batch
from xlcrm.importing.filling import Filled, fill
from xlcrm.importing.matching import comparable
from xlcrm.plan import Plan
from xlcrm.tables import Table

# column of the list -> columns of People that it is looked for in, and the opt-out that it means
STOPS = {
    "email": (("email",), "opt_out_email"),
    "phone": (("phone", "mobile"), "opt_out_phone"),
    "mobile": (("phone", "mobile"), "opt_out_phone"),
}


def stop_people(people: Table, batch: Batch, language: str) -> tuple[Plan, pd.Series[bool]]:
    """The opt-outs that the list means for people of the table, and which of its rows are there; nobody is added."""
    yes = words.choice_word("done", "yes", language)
    hit = pd.Series(False, index=batch.frame.index)
    parts: list[Filled] = []
    for column in (c for c in STOPS if c in batch.frame):
        fields, stop = STOPS[column]
        asked = comparable(batch.frame[column], "People", column)
        for field in (f for f in fields if f in people.frame and stop in people.frame):
            have = comparable(people.frame[field], "People", field)
            at = np.flatnonzero(have.isin(set(asked) - {""}))
            hit |= asked.isin(set(have.iloc[at]))
            parts.append(fill(people, pd.DataFrame({stop: yes}, index=range(len(at))), at, kept=frozenset()))
    return Plan("import", changes=Filled.of(parts).changes), hit
