"""Every family of commands, told to the application."""

from digital_clusters.cli import data, pages, papers, sweeps
from digital_clusters.cli.application import app, obey

__all__ = ["app", "data", "obey", "pages", "papers", "sweeps"]
