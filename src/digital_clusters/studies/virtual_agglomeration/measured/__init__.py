"""What the chapter on measurement shows."""
