"""Whether an installation is sound, and what the campaign of faults found."""
