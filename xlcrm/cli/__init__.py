"""The command line: arguments in, one run, sentences and an exit code out."""
