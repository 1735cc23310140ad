"""Tests of xlcrm.sources."""
