"""Entry point of `python -m xlcrm`: does what `xlcrm` does, for machines where scripts are not on the path."""

from xlcrm.worker.thin_client import command

command()
