"""Upgrading an older client file: what later versions of the schema bring reaches it, and all that was there stays."""
