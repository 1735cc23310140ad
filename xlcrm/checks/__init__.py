"""Every wrong cell is found, explained and, where that is safe, corrected; nothing right is called wrong."""
