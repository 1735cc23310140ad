"""Forgetting a client everywhere: tables, parts of the file, journal, backups; and who was forgotten."""
