"""Handing out: a copy of the workbook with some clients and all that hangs on them, to be combined again later."""
