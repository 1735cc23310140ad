"""Joining xlcrm and Excel on one computer: install, doctor, uninstall."""
