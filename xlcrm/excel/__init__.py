"""An open workbook in a live Excel, through xlwings; nothing outside this package imports xlwings."""
