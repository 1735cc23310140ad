"""Everything that touches a workbook or a disk: the core hands plans in and gets tables out."""
