"""A study on a reader's own files: what its chapters run, and what the files cannot serve."""
