"""Tests of issuing documents."""
