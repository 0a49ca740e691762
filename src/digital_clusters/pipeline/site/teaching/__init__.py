"""The plan of classes as a page, and their slides."""
