"""Entry point of `python -m xlcrm`: does what `xlcrm` does, for machines where scripts are not on the path."""

from xlcrm.cli.commands import main

main()
