"""Executable replications of studies of virtual agglomeration, industrial upgrading and urban China.

Data flows one way through the rooms of this package, and no room imports from one below it:
``sources`` (raw tables) → ``measures`` (indicators) → ``estimators`` (arrays in, an estimate out)
→ ``theory`` → ``analysis`` (a specification and a panel to an estimate) → ``report`` (tables and figures)
→ ``studies`` (one folder a paper) → ``pipeline`` (notebooks, sweeps, the book) → ``cli``.
"""

__version__ = "0.1.0"
