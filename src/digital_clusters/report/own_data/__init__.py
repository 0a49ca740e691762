"""What the chapters on a reader's own files show."""
