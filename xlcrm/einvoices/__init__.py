"""E-invoices: an issued document as the file that an exchange takes (FatturaPA, UBL, Factur-X)."""
