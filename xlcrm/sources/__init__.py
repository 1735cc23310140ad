"""Purchases that stand elsewhere: files and databases are read, counted and added up by an engine of tables."""
