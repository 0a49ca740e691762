"""The command line: ``digital-clusters``, a module a family of commands.

Heavy modules are imported by the command that needs them, so that ``--help`` is quick.
"""

from digital_clusters.cli import data, pages, papers, sweeps
from digital_clusters.cli.application import app, main

__all__ = ["app", "data", "main", "pages", "papers", "sweeps"]
