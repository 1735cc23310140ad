"""Issuing of documents: from purchases and offers to numbered invoices, credit notes and payments nothing loses."""
