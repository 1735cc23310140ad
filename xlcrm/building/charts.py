"""Native Excel charts of the dashboard over the fixed rows of the sheet Figures, all in one plain style."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl.chart import BarChart, Reference, Series
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.legend import Legend
from openpyxl.chart.marker import DataPoint
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
    RichTextProperties,
)
from openpyxl.worksheet.worksheet import Worksheet

from xlcrm.building import palette
from xlcrm.building.grid import Placed

YEAR = 12
EARLIER = "B9C6D1"
SHORT = '[>=1000000]0.0,,"M";[>=1000]0,"k";0'
QUARTER = -90 * 60_000  # a turn to the left, in the unit of DrawingML
TINY, SMALL, HEAD = 700, 800, 900  # hundredths of a point


def beside_the_year_before(
    table: tuple[Worksheet, Placed], value: str, title: str, colours: tuple[str, str], names: Sequence[str]
) -> Any:
    """Two columns a month, of the year before in grey and of this one; the last month, which isn't over, is pale.

    `names` are the cells with the words for both years, the year before first.
    """
    sheet, placed = table
    half = placed.rows - YEAR
    chart = _bars("col", title)
    chart.overlap, chart.gapWidth = 0, 40
    for first, colour, name in zip((0, half), (EARLIER, colours[0]), names, strict=True):
        part = Placed(placed.spec, placed.row + first, placed.column, YEAR)
        series = _series(sheet, part, value, colour)
        series.tx = SeriesLabel(strRef=StrRef(name))
        chart.append(series)
    running = _point(YEAR - 1, colours[1])
    running.graphicalProperties.ln = LineProperties(solidFill=colours[0], w=9525)
    chart.series[1].dPt = [running]
    chart.set_categories(_cells(sheet, Placed(placed.spec, placed.row + half, placed.column, YEAR), placed.spec.key))
    chart.legend = Legend(legendPos="b", overlay=False, txPr=_text(SMALL, palette.INK))
    chart.x_axis.tickLblPos = "low"  # below the bars of a month of refunds
    _upright(chart)
    _grid(chart)
    return chart


def pair(sheet: Worksheet, table: Placed, values: tuple[str, str], title: str, colours: tuple[str, str]) -> Any:
    """Two columns a month beside each other, told apart by a legend below."""
    chart = _bars("col", title)
    _add_named(chart, sheet, table, values, colours)
    chart.x_axis.tickLblPos = "low"
    chart.overlap, chart.gapWidth = 0, 60
    return chart


def ranking(
    sheet: Worksheet, table: Placed, value: str, title: str, colour: str, *, names: float, shown: str = "#,##0"
) -> Any:
    """A bar a row, the first on top, the amount beside it; `names` is the share of the width that the names take."""
    chart = _bars("bar", title)
    series = _series(sheet, table, value, colour)
    series.dLbls = _labels(shown)
    chart.append(series)
    chart.set_categories(_cells(sheet, table, table.spec.columns[0].name))
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.delete = True
    chart.y_axis.scaling.min = 0
    chart.layout = _inside(names, right=0.16)  # the longest bar needs room for its own label
    return chart


def twofold(
    sheet: Worksheet, table: Placed, values: tuple[str, str], title: str, colours: tuple[str, str], *, rows: int,
    direction: str, turned: bool = False,
) -> Any:  # fmt: skip
    """Of the first `rows` two values on one place, the smaller one in front; `direction` is bar (lying) or col.

    The names of both are those of their headers; those of narrow columns are `turned`.
    """
    chart = _bars(direction, title)
    chart.overlap, chart.gapWidth = 100, 45
    top = Placed(table.spec, table.row, table.column, rows)
    _add_named(chart, sheet, top, values, colours)
    chart.y_axis.number_format = SHORT
    chart.y_axis.numFmt.sourceLinked = False
    if direction == "col":
        _upright(chart, turned=turned)
    else:
        chart.x_axis.tickLblSkip = 1
        chart.x_axis.scaling.orientation = "maxMin"
        chart.y_axis.crosses = "max"  # the amounts stand below, though the first stage is on top
    return chart


def spans(sheet: Worksheet, table: Placed, value: str, title: str, colour: str, *, rows: int) -> Any:
    """A lying bar for each of the first `rows`, its figure beside it."""
    top = Placed(table.spec, table.row, table.column, rows)
    return ranking(sheet, top, value, title, colour, names=0.34)


def funnel(sheet: Worksheet, table: Placed, spacer: str, title: str, colours: tuple[str, ...]) -> Any:
    """Bars in the middle of each other: an unseen series (`spacer`, an absolute range) pushes each one in.

    Excel's own funnel chart is unknown to Excel 2016 and to LibreOffice; a stacked bar is known to all.
    """
    chart = _bars("bar", title)
    chart.grouping, chart.overlap, chart.gapWidth = "stacked", 100, 12
    unseen = Series(Reference(range_string=f"{quoted(sheet)}!{spacer}"), title=" ")
    unseen.graphicalProperties = GraphicalProperties(noFill=True, ln=LineProperties(noFill=True))
    shown = _series(sheet, table, "clients", colours[0])
    shown.dPt = [_point(index, colour) for index, colour in enumerate(colours)]
    shown.dLbls = _labels("#,##0", bold=True)
    chart.series = [unseen, shown]
    chart.layout = _inside(0.44, right=0.06)
    chart.x_axis.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    chart.set_categories(_cells(sheet, table, "status"))
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.delete = True
    return chart


def _inside(left: float, right: float) -> Any:
    """Where the bars stand inside the chart: shares of its width kept free at both sides."""
    area = ManualLayout(layoutTarget="inner", xMode="edge", yMode="edge", x=left, y=0.14, w=1 - left - right, h=0.82)
    return Layout(manualLayout=area)


def _bars(direction: str, title: str) -> Any:
    chart = BarChart()
    chart.type = direction
    chart.title = _title(title)
    chart.legend = None
    chart.gapWidth = 35
    for axis in (chart.x_axis, chart.y_axis):
        axis.delete = False
        axis.title = None
        axis.majorGridlines = None
        axis.majorTickMark = axis.minorTickMark = "none"
        axis.txPr = _text(SMALL, palette.MUTED)
        axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=palette.LINE))
    chart.y_axis.number_format = "#,##0"
    _plain(chart)
    return chart


def _upright(chart: Any, *, turned: bool = False) -> None:
    """Months ("Nov 26") below a column in two short lines, instead of askew; or read from below, where it is narrow."""
    chart.x_axis.txPr = _text(TINY, palette.MUTED)
    chart.x_axis.txPr.bodyPr = RichTextProperties(rot=QUARTER if turned else 0)
    chart.x_axis.tickLblSkip = 1


def _grid(chart: Any) -> None:
    chart.y_axis.majorGridlines = ChartLines(
        spPr=GraphicalProperties(ln=LineProperties(solidFill=palette.LINE, w=6350))
    )
    chart.y_axis.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    chart.y_axis.scaling.min = None


def _add_named(chart: Any, sheet: Worksheet, table: Placed, values: tuple[str, str], colours: tuple[str, str]) -> None:
    """Two series, named by the headers of their columns in a legend below, over the first column."""
    for value, colour in zip(values, colours, strict=True):
        series = _series(sheet, table, value, colour)
        series.tx = SeriesLabel(strRef=StrRef(f"{quoted(sheet)}!${table.letter(value)}${table.row}"))
        chart.append(series)
    chart.set_categories(_cells(sheet, table, table.spec.columns[0].name))
    chart.legend = Legend(legendPos="b", overlay=False, txPr=_text(SMALL, palette.INK))
    _grid(chart)


def _plain(chart: Any) -> None:
    """White, square corners, a hairline around."""
    chart.roundedCorners = False
    chart.graphical_properties = GraphicalProperties(
        solidFill=palette.PAPER, ln=LineProperties(solidFill=palette.LINE, w=6350)
    )
    chart.display_blanks = "gap"


def _series(sheet: Worksheet, table: Placed, column: str, colour: str) -> Any:
    series = Series(_cells(sheet, table, column), title_from_data=False)
    series.tx = None
    series.graphicalProperties = GraphicalProperties(solidFill=colour, ln=LineProperties(noFill=True))
    series.invertIfNegative = False
    return series


def _cells(sheet: Worksheet, table: Placed, column: str) -> Any:
    return Reference(range_string=f"{quoted(sheet)}!{table.cells(column)}")


def quoted(sheet: Worksheet) -> str:
    """A sheet as the formulas of charts name it."""
    return "'" + sheet.title.replace("'", "''") + "'"


def _point(index: int, colour: str) -> Any:
    point = DataPoint(idx=index, invertIfNegative=False)
    point.graphicalProperties = GraphicalProperties(solidFill=colour, ln=LineProperties(noFill=True))
    return point


def _labels(number_format: str, *, bold: bool = False) -> Any:
    labels = DataLabelList(numFmt=number_format, txPr=_text(SMALL, palette.INK, bold=bold))
    labels.showVal = True
    labels.showPercent = labels.showSerName = labels.showCatName = labels.showLegendKey = labels.showLeaderLines = False
    return labels


def _properties(size: int, colour: str, *, bold: bool = False) -> Any:
    return CharacterProperties(sz=size, b=bold, solidFill=colour, latin=Font(typeface=palette.FONT))


def _text(size: int, colour: str, *, bold: bool = False) -> Any:
    paragraph = Paragraph(
        pPr=ParagraphProperties(defRPr=_properties(size, colour, bold=bold)), endParaRPr=CharacterProperties(sz=size)
    )
    return RichText(p=[paragraph])


def _title(words: str) -> Any:
    run = RegularTextRun(rPr=_properties(HEAD, palette.NIGHT, bold=True), t=words)
    title = Title(overlay=False)
    title.tx = _rich(Paragraph(pPr=ParagraphProperties(defRPr=_properties(HEAD, palette.NIGHT, bold=True)), r=[run]))
    title.layout = Layout(manualLayout=ManualLayout(xMode="edge", yMode="edge", x=0.02, y=0.03))
    return title


def _rich(paragraph: Any) -> Any:
    return Text(rich=RichText(p=[paragraph]))
