"""A book on a reader's own files: its pages, and the edition made of them."""
