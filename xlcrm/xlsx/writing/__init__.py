"""Writing a plan into a closed workbook: only the parts that it names change, all else keeps its bytes."""
