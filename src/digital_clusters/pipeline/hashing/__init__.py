"""Hashes: of files and folders, of what a module says to Python, of all that a book is made of."""
