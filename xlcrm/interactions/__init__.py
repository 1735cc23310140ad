"""Interactions as a team's memory: who was contacted last and by whom, complaints, follow-ups, and lines to log."""
