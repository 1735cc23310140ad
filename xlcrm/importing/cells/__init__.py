"""What the cells of a list say beyond one field a column: second choices, several parts, consents, blanks in words."""
