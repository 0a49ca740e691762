"""Records that the book keeps of itself."""
