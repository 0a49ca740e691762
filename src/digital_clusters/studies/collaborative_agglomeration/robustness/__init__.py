"""Which other choices move the curve, in numbers and sentences."""
