"""The chapter on theory: its figures, and the numbers that it quotes."""
