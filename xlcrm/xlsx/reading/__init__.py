"""Reading a workbook's tables as frames, big sheets on all cores, and what is odd about them."""
