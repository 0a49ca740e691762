"""Accession to the council: who joins when, and what each design finds."""
