"""A card of a paper: each number or claim with what public data and the twin say, graded. Knows no paper."""
