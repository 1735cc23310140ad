"""What a backup is called, which are kept, and what changed between two: all that needs no disk."""
