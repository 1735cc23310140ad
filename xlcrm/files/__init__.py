"""Files on the disk: the closed workbook, its lock, atomic replacing, encryption, lists read and lists written."""
