"""What can be measured of good looks: contrast, charts inside their page, a palette that charts and tables share."""

from __future__ import annotations

import pytest

from xlcrm import messages, schema
from xlcrm.building import canvas, grid, palette
from xlcrm.building.sheets import dashboard_sheet, figures_sheet
from xlcrm.spend.dashboard import FIGURES


def luminance(colour: str) -> float:
    """Relative luminance of an RRGGBB colour (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        (palette.PAPER, palette.NIGHT),
        (palette.PAPER, palette.SLATE),
        (palette.PAPER, palette.MUTED),
        (palette.PAPER, palette.BLUE),
        (palette.INK, palette.PAPER),
        (palette.INK, palette.SHADE),
        (palette.INK, palette.PALE_AMBER),
        (palette.INK, palette.PALE_RED),
        (palette.INK, palette.PALE_GREEN),
        (palette.DEEP_GREEN, palette.PAPER),
        (palette.RUST, palette.PAPER),
        (palette.INK, palette.HEAT),
        (palette.MUTED, palette.PAPER),
        *((palette.INK, colour) for colour in figures_sheet.STAGE_COLOURS),
    ],
)
def test_text_is_readable_on_its_ground(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5, "WCAG 2.2, success criterion 1.4.3"


def test_marks_differ_by_more_than_hue() -> None:
    """Blue and vermilion keep apart with any kind of colour vision; the arrow says it without colour too."""
    assert abs(luminance(palette.BLUE) - luminance(palette.VERMILION)) > 0.05


def test_the_theme_has_our_colours_and_font() -> None:
    xml = palette.xml().decode()
    for colour in palette.COLOURS.values():
        assert f'val="{colour}"' in xml
    assert xml.count(f'latin typeface="{palette.FONT}"') == 2


@pytest.mark.parametrize(
    ("width", "pixels"), [(8.43, 59), (1.5, 10), (10, 70), (5.6, 39)], ids=["usual", "margin", "ten", "cohort"]
)
def test_column_widths_in_pixels(width: float, pixels: int) -> None:
    assert canvas.pixels(width) == pixels


def test_a_place_on_the_canvas_is_a_cell_and_a_rest() -> None:
    plane = canvas.Canvas([10, 20], [20, 30, 40])
    assert (plane.left(1), plane.left(2), plane.left(3)) == (0, 70, 210)
    marker = plane._marker(75, 49)
    assert (marker.col, marker.colOff, marker.row, marker.rowOff) == (1, 5 * canvas.EMU, 1, 29 * canvas.EMU)
    edge = plane._marker(210, 90)
    assert (edge.col, edge.colOff, edge.row, edge.rowOff) == (2, 0, 3, 0)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [("Days since last purchase", 13, 2), ("Client ID", 12, 1), ("", 5, 1), ("Durchschnittlicher Umsatz", 21, 2)],
)
def test_how_many_lines_a_header_takes(text: str, width: float, lines: int) -> None:
    assert grid.lines_of(text, width, bold=True) == lines


def test_every_key_figure_has_its_row_and_its_format() -> None:
    assert schema.table("KeyFigures").fixed_rows == len(FIGURES)
    assert {figure.kind for figure in FIGURES} <= set(dashboard_sheet.NUMBER_FORMATS)
    assert len({figure.name for figure in FIGURES}) == len(FIGURES)
    assert all(f"figure.{figure.name}" in messages.catalogue() for figure in FIGURES)


@pytest.mark.parametrize("code", sorted(set(palette.FORMATS.values())))
def test_no_format_shows_a_decimal_sign_with_nothing_behind(code: str) -> None:
    assert not {".#", ".?"} & {code[at : at + 2] for at in range(len(code))}
