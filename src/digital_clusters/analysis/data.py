"""Raw tables and panels of a source, each made once a process."""

from dataclasses import replace
from functools import cache

from digital_clusters.measures.city_panel import build_city_panel
from digital_clusters.measures.panel import Panel
from digital_clusters.sources import open_source
from digital_clusters.sources.policies import territory_changes
from digital_clusters.sources.tables import RawTables


@cache
def load_city_panel(data: str) -> Panel:
    """The panel of both studies of agglomeration of ``twin``, ``public`` or ``folder:PATH``, built once.

    Examples
    --------
    >>> panel = load_city_panel("twin")
    >>> panel.n_cities, panel.years, panel.is_balanced
    (290, (2003, 2021), True)
    """
    return build_city_panel(load_tables(data))


def multiverse_panels(panel: Panel, since: int = 2011) -> dict[str, Panel]:
    """The panels that options of a multiverse name.

    Parameters
    ----------
    panel : Panel
    since : int
        First year of the sample: a change of territory before it is none within it.

    Returns
    -------
    dict
        ``public``: the panel; ``constant territory``: without cities that took or gave a county since then.
    """
    changes = territory_changes()
    same = ~panel.frame["city"].isin(changes.loc[changes["year"] >= since, "city"])
    kept = panel.frame.loc[same].reset_index(drop=True)
    return {"public": panel, "constant territory": replace(panel, frame=kept)}


@cache
def load_tables(data: str) -> RawTables:
    """The raw tables of a source, opened once a process."""
    return open_source(data)
