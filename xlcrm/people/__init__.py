"""People at a client: who is still there, who is first, and which two rows are one person."""
