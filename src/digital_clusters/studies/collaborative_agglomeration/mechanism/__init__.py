"""How internet use moves the curve, and how the claims stand over the multiverse."""
