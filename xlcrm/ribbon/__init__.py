"""The buttons of the ribbon tab: one click is one run of the launcher."""
