"""Notebooks that leave the book: the one a reader downloads, and addresses that open one elsewhere."""
