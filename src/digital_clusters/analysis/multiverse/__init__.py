"""A declared multiverse: every defensible way to test a claim, estimated, kept small and summed up.

A file ``data/multiverse/<study>.yml`` names the claims, the choices (axes with their options) and the
combinations that make no sense (:mod:`.declared`). Their product is a list of specifications
(:mod:`.points`); each is estimated, and what is kept of it is one line (:mod:`.explored`; Steegen,
Tuerlinckx, Gelman & Vanpaemel 2016; Simonsohn, Simmons & Nelson 2020). Specifications of another claim, or of
another option of an axis that *splits*, answer another question or are in another unit: they never share a
median (:mod:`.summary`).
"""
