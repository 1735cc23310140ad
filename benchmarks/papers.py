"""How fast papers are printed: `python benchmarks/papers.py`: 10,000 unlike labels, 1,000 letters, 1,000 Word letters.

Seconds by the clock and of the processor, and the most memory that this process and the one that prints took together.
"""

import datetime as dt
import random
import resource
import time
from collections.abc import Callable

from xlcrm.papers.label_sheet import label_sheet
from xlcrm.papers.letter_window import letter_window
from xlcrm.papers.paper_starters import starter
from xlcrm.papers.paper_texts import LabelText, LetterText, PaperTemplate, Sender
from xlcrm.papers.printing import PaperPress
from xlcrm.papers.word_letters import word_letters

SYLLABLES = "al bo cer da el fin gro ha in jo ka lo mi nor ol pa qui ros sta tor ul va wil zan ł đ ß å".split()
TODAY = dt.date(2026, 11, 27)
SENDER = Sender("Fratelli Bianchi", ("Via Tortona 14", "20144 Milano"), "Milano", signed="Laura Bianchi")


def invented(size: int) -> list[tuple[str, ...]]:
    """Addresses that share neither names nor streets."""
    draw = random.Random(7)

    def word() -> str:
        return "".join(draw.choices(SYLLABLES, k=3)).capitalize()

    return [
        (f"{word()} {word()}", f"{word()} {draw.randint(1, 300)}", f"{draw.randint(10000, 99998)} {word()}")
        + ((word().upper(),) if k % 3 else ())
        for k in range(size)
    ]


def cpu() -> float:
    """Seconds of processor time of this process and of those it started and ended."""
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def timed(what: str, run: Callable[[], str]) -> None:
    start, begun = time.perf_counter(), cpu()
    told = run()
    seconds, used = time.perf_counter() - start, cpu() - begun
    most = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024
    print(f"{what}: {seconds:.1f} s ({used:.1f} s of processor), at most {most} MB so far; {told}")


def labels() -> str:
    texts = [LabelText(f"C{k}", k + 2, lines) for k, lines in enumerate(invented(10_000))]
    with PaperPress() as press:
        made = press.labels(texts, label_sheet("L7160"))
    return f"{made.pages} pages, {len(made.content):,} bytes, {len(made.problems)} problems"


def letters(size: int = 1_000) -> list[LetterText]:
    return [LetterText(f"C{k}", k + 2, lines, f"Guten Tag {lines[0]},", "de") for k, lines in enumerate(invented(size))]


def pdf_letters() -> str:
    with PaperPress() as press:
        made = press.letters(letters(), letter_window("din-b"), SENDER, today=TODAY)
    return f"{made.pages} pages, {len(made.content):,} bytes, {len(made.problems)} problems"


def word() -> str:
    template = PaperTemplate("letters.docx", starter("letters", "docx", language="de"))
    made = word_letters(letters(), template, SENDER, today=TODAY)
    return f"{len(made.files[0].content):,} bytes"


if __name__ == "__main__":
    timed("10,000 labels", labels)
    timed("1,000 letters", pdf_letters)
    timed("1,000 Word letters in one file", word)
