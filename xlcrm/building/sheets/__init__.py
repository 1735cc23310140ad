"""The sheets of the workbook that hold more than one table or none: a module a sheet or a kind of sheets."""
