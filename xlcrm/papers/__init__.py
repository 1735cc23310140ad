"""Papers that people print and send: label sheets, letters with a window, client cards, Word letters.

Pure: `paper_texts` (what goes in and comes out), `label_sheet` and `letter_window` (measures). At the edge: `printing`
(PDF by typst), `word_letters` (docx), `paper_starters` and `paper_templates`. `label_sheet.py` and `letter_window.py`
may be imported from anywhere, the others from where files are written.
"""
