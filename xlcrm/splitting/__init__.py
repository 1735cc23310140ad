"""Splitting names and addresses into fields: the operation behind `xlcrm split`."""
