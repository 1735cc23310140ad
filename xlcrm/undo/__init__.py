"""Undo and the journal: what was done to a workbook, and how it is taken back years later."""
