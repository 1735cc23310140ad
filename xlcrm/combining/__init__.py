"""Combining two copies of one client file: a three-way merge of their tables, frames in and one plan out."""
