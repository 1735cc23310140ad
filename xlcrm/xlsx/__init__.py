"""The .xlsx file format in its own terms: package, parts, sheets, cells, formulas, styles; no Excel needed."""
