"""Text that is written the quick way is text that the careful way writes just so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcrm.xlsx import cell_writer
from xlcrm.xlsx.cell_writer import Encoder
from xlcrm.xlsx.styles import MINIMAL, Styles

# text -> whether it is seen at once that it is plain words
WORDS = {
    "Dear Mrs Rossi": True,
    "Caro Nicolò": True,
    "O'Brien, Anne-Marie": True,
    "Größe XL": True,
    "Яна": True,
    "a": True,
    "Marco": True,
    "": False,
    " a": False,
    "a ": False,
    "a  b": False,
    "a\nb": False,
    "Mar 5": False,
    "mag 2024": False,
    "mar 5\u00a0": False,
    "jan. 99": False,
    "5 May": False,
    "true": False,
    "FALSCH": False,
    "vero\u00a0": False,
    "fal\u017fo": False,
    "Vero Rossi": True,
    "A & B": False,
    "a<b": False,
    "x_x000D_": False,
    "=A": False,
    "#N/A": False,
    "-x": False,
    "A1": True,
    "sole mare 47709": True,
    "Mario 1": False,
    "Mario Rossi 1": True,
    "mar\u0661": False,
    "a" * cell_writer.MAX_TEXT: False,
    "a\ud800": False,
}


@pytest.mark.parametrize("text", WORDS)
def test_plain_words_are_told_at_once(text: str) -> None:
    assert cell_writer._is_words(text) is WORDS[text]


_SIGNS = st.sampled_from(
    [*("mar", "MAG", "true", "vero", "5", "12", "-", "/", ".", " ", "a", "é"), "&", "\n", "\u00a0", "ſ"]
)
_TEXTS = st.one_of(st.text(), st.lists(_SIGNS, max_size=5).map("".join))


@given(_TEXTS)
def test_what_is_quick_is_what_is_careful(text: str) -> None:
    if cell_writer._is_words(text):
        assert cell_writer._encode_text(text) == (b"inlineStr", text.encode(), "")


@given(st.lists(st.one_of(st.none(), st.just("Rossi Mario"), _TEXTS), max_size=150))
def test_texts_together_are_as_one_by_one(texts: list[str | None]) -> None:
    if any("\ud800" <= sign <= "\udfff" for text in texts if text for sign in text):
        return  # halves of surrogate pairs can't be written at all
    one, other = (Encoder(Styles(MINIMAL), date1904=False) for _ in range(2))
    assert list(one.all_ends(texts, 0).to_pylist()) == [_careful(other, text) for text in texts]


def _careful(encoder: Encoder, text: str | None) -> bytes:
    """The end of a cell without what is quick."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cell_writer, "_is_words", lambda text: False)
        return next(encoder.ends([text], 0))
