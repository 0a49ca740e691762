"""The command line: ``digital-clusters``, a module a family of commands.

Heavy modules are imported by the command that needs them, so that ``--help`` is quick. This module imports
nothing but the start, so that Ctrl-C is answered from the first moment on.
"""

from digital_clusters.cli.start import main

__all__ = ["main"]
