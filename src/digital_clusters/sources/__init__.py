"""Raw tables in: synthetic twin, public data, or a user's own files, under one schema.

The names of :data:`WHERE` are loaded when they are first used: who needs a module of this room, such as the
schema, does not load, or depend on, the readers of every source.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digital_clusters.sources.opening import FOLDER_PREFIX, SourceName, open_source, own_folder
    from digital_clusters.sources.tables import RawTables

WHERE = {
    "FOLDER_PREFIX": "digital_clusters.sources.opening",
    "RawTables": "digital_clusters.sources.tables",
    "SourceName": "digital_clusters.sources.opening",
    "open_source": "digital_clusters.sources.opening",
    "own_folder": "digital_clusters.sources.opening",
}
"""Name of this room → the module that has it."""

__all__ = ["FOLDER_PREFIX", "RawTables", "SourceName", "open_source", "own_folder"]


def __getattr__(name: str) -> object:
    if name not in WHERE:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(WHERE[name]), name)
