"""Exports for other programs: e-mails as drafts, address cards, calendars, CRM lists; frames in, bytes out."""
