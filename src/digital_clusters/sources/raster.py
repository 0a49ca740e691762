"""From a raster of lights and polygons of townships to the raw table ``lights``."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from digital_clusters.errors import DataError, FileError, ParameterError, check_option

if TYPE_CHECKING:
    import geopandas

Statistic = Literal["mean", "sum"]
"""Of the cells of a polygon, each counted by the share of it that the polygon covers."""

EQUAL_AREA = "EPSG:6933"
"""Cylindrical equal-area projection of the whole earth, in which areas are measured."""

REFUSED_COLUMNS = ["city", "unit", "year", "reason"]


@dataclass(frozen=True)
class ZonalLights:
    """Lights of the units of one year.

    Attributes
    ----------
    lights : pandas.DataFrame
        city, unit, year, radiance (the raster's unit, for ``sum`` times cells), weight (km²).
    refused : pandas.DataFrame
        Units without a value: city, unit, year, reason.
    """

    lights: pd.DataFrame
    refused: pd.DataFrame


def zonal_lights(
    raster: str | Path,
    polygons: "geopandas.GeoDataFrame",
    year: int,
    *,
    city: str = "city",
    unit: str = "unit",
    statistic: Statistic = "mean",
    min_coverage: float = 0.5,
    reproject: bool = True,
    band: int | str | None = None,
) -> ZonalLights:
    """Mean or sum of a band of a raster over each polygon, partial cells by the share covered.

    Cells without data count neither for nor against. A unit is refused, and reported, where the cells
    with data cover less than ``min_coverage`` of its area (which includes units outside the raster),
    or where the result is negative.

    Parameters
    ----------
    raster : str or pathlib.Path
        GeoTIFF or any other raster GDAL reads, e.g. annual lights in nW/cm²/sr.
    polygons : geopandas.GeoDataFrame
        One row a township, with the columns named by ``city`` (integer code) and ``unit``.
    year : int
        Of the raster.
    statistic : {"mean", "sum"}
    min_coverage : float
        In [0, 1].
    reproject : bool
        Bring the polygons to the raster's coordinate system where the two differ; if ``False`` that
        is an error.
    band : int or str, optional
        Number of the band from 1, or its description; needed where the raster has several.

    Raises
    ------
    FileError
        If the raster cannot be opened or read.
    DataError
        If a column or a coordinate system is missing, a code is no whole number, a unit is there twice, the
        raster has several bands and ``band`` names none of them, or the coordinate systems differ and
        ``reproject`` is ``False``.

    Notes
    -----
    In a raster of degrees all cells of a polygon count the same, though those nearer to the equator are
    larger; over a township the difference is far below one per cent.
    """
    check_option("statistic", statistic, Statistic)
    if not 0 <= min_coverage <= 1:
        raise ParameterError(f"min_coverage = {min_coverage!r} is not between 0 and 1")
    _check_polygons(polygons, city, unit)
    area_km2 = polygons.to_crs(EQUAL_AREA).area.to_numpy() / 1e6
    value, coverage = _extract(raster, polygons, statistic, reproject, band)
    keys = pd.DataFrame(
        {"city": _codes(polygons[city], city), "unit": polygons[unit].to_numpy(), "year": np.int64(year)}
    )
    reason = pd.Series("", index=keys.index)
    reason[value < 0] = "the result is negative"
    reason[coverage < min_coverage] = [
        f"{share:.0%} of its area has data" for share in coverage[coverage < min_coverage]
    ]
    reason[coverage == 0] = "no cell with data: outside the raster or all without data"
    kept = (reason == "").to_numpy()
    lights = keys[kept].assign(radiance=value[kept], weight=area_km2[kept])
    refused = keys[~kept].assign(reason=reason[~kept])[REFUSED_COLUMNS]
    return ZonalLights(lights.reset_index(drop=True), refused.reset_index(drop=True))


def _extract(
    raster, polygons, statistic: str, reproject: bool, band: int | str | None
) -> tuple[np.ndarray, np.ndarray]:
    """The statistic of each polygon, and the share of its area that has data."""
    import rasterio
    from exactextract import exact_extract
    from exactextract.raster import RasterioRasterSource

    try:
        source = rasterio.open(raster)
    except rasterio.errors.RasterioIOError as error:
        raise FileError(f"the raster {raster} cannot be opened: {error}") from None
    with source:
        if source.crs is None:
            raise DataError(f"the raster {raster} has no coordinate system: set one, e.g. with gdal_edit")
        if polygons.crs != source.crs:
            if not reproject:
                raise DataError(
                    f"the polygons are in {polygons.crs.to_string()}, the raster in {source.crs}: "
                    "reproject one of them or allow reproject=True"
                )
            polygons = polygons.to_crs(source.crs)
        number = _band_number(source, raster, band)
        geometry = polygons[["geometry"]].reset_index(drop=True)
        with _north_up(source, raster) as grid:
            layer = RasterioRasterSource(grid, number, name="lights")
            try:
                table = exact_extract(layer, geometry, [statistic, "count"], output="pandas")
            except rasterio.errors.RasterioIOError as error:
                raise FileError(f"the raster {raster} cannot be read, it is truncated: {error}") from None
        cell = abs(source.transform.determinant)
    value = table[statistic].to_numpy(dtype=float)
    coverage = table["count"].to_numpy(dtype=float) * cell / geometry.area.to_numpy()
    return value, coverage


def _band_number(source, raster, band: int | str | None) -> int:
    """The band's place from 1; a description is compared, and several bands are never chosen among."""
    names = [name or "without a name" for name in source.descriptions]
    listed = ", ".join(f"{place} ({name})" for place, name in enumerate(names, 1))
    if band is None:
        if source.count == 1:
            return 1
        raise DataError(f"the raster {raster} has {source.count} bands, {listed}: say which with band=")
    if isinstance(band, int) and not isinstance(band, bool) and 1 <= band <= source.count:
        return band
    places = [place for place, name in enumerate(source.descriptions, 1) if name is not None and name == band]
    if len(places) == 1:
        return places[0]
    many = "several bands" if places else "no band"
    raise DataError(f"the raster {raster} has {many} {band!r}; its bands are: {listed}")


def _north_up(source, raster):
    """The raster with its first row in the north: the same cells, turned over where it is stored south-up."""
    from contextlib import nullcontext

    from rasterio.transform import Affine
    from rasterio.vrt import WarpedVRT

    grid = source.transform
    if grid.b or grid.d or grid.a < 0:
        raise DataError(
            f"the raster {raster} is rotated or mirrored: warp it to north-up, e.g. with gdalwarp"
        )
    if grid.e < 0:
        return nullcontext(source)
    turned = Affine(grid.a, 0, grid.c, 0, -grid.e, grid.f + grid.e * source.height)
    return WarpedVRT(source, crs=source.crs, transform=turned, width=source.width, height=source.height)


def _codes(codes: pd.Series, name: str) -> np.ndarray:
    number = pd.to_numeric(codes, errors="coerce").to_numpy(dtype=float)
    wrong = ~np.isfinite(number) | (number % 1 != 0)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(
            f"the polygons' column '{name}' must hold whole codes; {wrong.sum()} row(s) do not, the first is "
            f"row {row}: {str(codes.iloc[row])[:60]}"
        )
    return number.astype(np.int64)


def _check_polygons(polygons: "geopandas.GeoDataFrame", city: str, unit: str) -> None:
    for name in (city, unit):
        if name not in polygons:
            raise DataError(f"the polygons have no column '{name}'; they have {', '.join(polygons.columns)}")
    if polygons.crs is None:
        raise DataError("the polygons have no coordinate system: set one with set_crs")
    _codes(polygons[city], city)
    if polygons[unit].isna().any():
        raise DataError(f"{polygons[unit].isna().sum()} polygon(s) have no '{unit}': name every unit")
    twice = polygons.duplicated([city, unit])
    if twice.any():
        first = polygons.loc[twice, [city, unit]].iloc[0].tolist()
        raise DataError(
            f"{twice.sum()} unit(s) are there twice, the first is city, unit = {first}: dissolve them"
        )
    empty = polygons.geometry.is_empty | polygons.geometry.isna()
    if empty.any():
        raise DataError(f"{empty.sum()} polygon(s) are empty, the first in row {int(np.argmax(empty))}")
