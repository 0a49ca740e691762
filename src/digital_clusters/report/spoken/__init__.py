"""Figures for those who do not see them."""
