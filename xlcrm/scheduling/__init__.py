"""Scheduling: the workbook kept up to date by itself, at night, and lists taken from a folder beside it.

`timetable` says what is due when, `timer_files` writes what each system's timer reads, `timers` registers it for the
user, `night_run` does what is due, `inbox` takes in the lists that were put into the folder.
"""
