"""The points of a sweep of specifications: estimated, drawn and verified."""
