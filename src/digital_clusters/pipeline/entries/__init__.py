"""What entries of the cache say of themselves."""
