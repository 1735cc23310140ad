"""Totals of purchase lines: what they come to whatever the day, made once and kept for the next run."""
