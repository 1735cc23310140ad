"""Colours that stand beside each other stay apart for people who see no red, no green or no blue."""

from __future__ import annotations

import itertools
import math

import pytest

from xlcrm.building import charts, palette

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
KINDS = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}
# What one chart or list shows side by side, and has to be told apart.
TOGETHER = {
    "this year and the one before": (palette.BLUE, charts.EARLIER),
    "the month that runs and the others": (palette.BLUE, palette.PALE_SKY),
    "new clients and those of the year before": (palette.GREEN, charts.EARLIER),
    "new clients of the month that runs": (palette.GREEN, palette.PALE_JADE),
    "better and worse": (palette.BLUE, palette.VERMILION),
    "weighted and whole amounts": (palette.BLUE, palette.PALE_SKY),
    "a chart with three of the palette": (palette.BLUE, palette.ORANGE, palette.GREEN),
    "a mark and its ground": (palette.VERMILION, palette.PALE_RED, palette.PAPER),
}
LEAST = 10  # CIE 1976 colour difference: about 2 is the least that anybody sees, 10 is seen at a glance


def seen(colour: str, kind: str) -> tuple[float, float, float]:
    """L*a*b* (D65) of an RRGGBB colour as it looks with a kind of colour vision."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    red, green, blue = (min(max(sum(a * b for a, b in zip(row, linear, strict=True)), 0.0), 1.0) for row in KINDS[kind])
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("where", TOGETHER)
def test_neighbours_are_told_apart(where: str, kind: str) -> None:
    for one, other in itertools.combinations(TOGETHER[where], 2):
        apart = math.dist(seen(one, kind), seen(other, kind))
        assert apart >= LEAST, f"{one} and {other}: {apart:.0f}"


def test_red_and_green_are_one_for_half_of_them() -> None:
    """The simulation shows what it should: a red and a green of one lightness fall together."""
    apart = {kind: math.dist(seen("C04000", kind), seen("5C7000", kind)) for kind in KINDS}
    assert apart["none"] > 50 and min(apart["protanopia"], apart["deuteranopia"]) < 20
