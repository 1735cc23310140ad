"""Dated backups beside the workbook: taken, named, kept or pruned, verified, compared, put back."""
