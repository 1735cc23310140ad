"""Bank statements: their lines read, matched to open invoices and credit notes, and booked as payments."""
