import geopandas
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely.geometry import box

from digital_clusters.errors import DataError, FileError
from digital_clusters.measures.indicators.inequality import gini_of_units
from digital_clusters.sources.raster import zonal_lights

GRID = "EPSG:32650"
CELL = 1000.0
FAR_EDGE = 0.02
"""Reprojecting a box moves its sides by metres of a kilometre cell: the mean moves by about a per cent."""


@pytest.fixture
def raster(tmp_path):
    """Five by five cells of one kilometre, 1 … 25 row by row from the top left, the last one without data."""
    values = np.arange(1, 26, dtype="float32").reshape(5, 5)
    values[4, 4] = -9999
    path = tmp_path / "lights.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=5,
        width=5,
        count=1,
        dtype="float32",
        crs=GRID,
        transform=from_origin(500_000, 3_000_000, CELL, CELL),
        nodata=-9999,
    ) as file:
        file.write(values, 1)
    return path


def cells(left, top, right, bottom):
    """A box in cells from the raster's top left corner."""
    return box(
        500_000 + left * CELL, 3_000_000 - bottom * CELL, 500_000 + right * CELL, 3_000_000 - top * CELL
    )


def townships(*boxes, crs=GRID):
    units = [f"t{number}" for number in range(len(boxes))]
    return geopandas.GeoDataFrame(
        {"city": [110000] * len(boxes), "unit": units}, geometry=list(boxes), crs=crs
    )


def test_partial_cells_count_by_the_share_covered(raster):
    # half of cell 1 and all of cell 2, and a quarter each of cells 7, 8, 12, 13
    found = zonal_lights(raster, townships(cells(0.5, 0, 2, 1), cells(1.5, 1.5, 2.5, 2.5)), 2015)
    assert found.lights["radiance"].to_numpy() == pytest.approx([(0.5 * 1 + 2) / 1.5, (7 + 8 + 12 + 13) / 4])
    assert found.lights["year"].tolist() == [2015, 2015]
    assert found.refused.empty
    sums = zonal_lights(raster, townships(cells(0.5, 0, 2, 1)), 2015, statistic="sum")
    assert sums.lights["radiance"].iloc[0] == pytest.approx(2.5)


def test_weight_is_the_area(raster):
    found = zonal_lights(raster, townships(cells(0, 0, 2, 3)), 2015)
    # the grid's scale is 0.9996 on its central meridian
    assert found.lights["weight"].iloc[0] == pytest.approx(6 / 0.9996**2, rel=1e-4)


def test_cells_without_data_are_left_out_and_reported(raster):
    inside, half, outside = cells(3, 4, 5, 5), cells(4.5, 3.9, 5, 5), cells(7, 7, 8, 8)
    found = zonal_lights(raster, townships(inside, half, outside), 2015, min_coverage=0.5)
    assert found.lights["radiance"].tolist() == [24.0]
    assert found.refused["unit"].tolist() == ["t1", "t2"]
    assert found.refused["reason"].iloc[0] == "9% of its area has data"
    assert "outside the raster" in found.refused["reason"].iloc[1]
    assert len(zonal_lights(raster, townships(inside, half), 2015, min_coverage=0.05).lights) == 2


def test_another_coordinate_system_is_reprojected_or_refused(raster):
    here = townships(cells(1, 1, 3, 3))
    there = here.to_crs("EPSG:4326")
    expected = zonal_lights(raster, here, 2015).lights
    found = zonal_lights(raster, there, 2015).lights
    assert found["radiance"].iloc[0] == pytest.approx(expected["radiance"].iloc[0], rel=FAR_EDGE)
    with pytest.raises(DataError, match="EPSG:4326.*EPSG:32650"):
        zonal_lights(raster, there, 2015, reproject=False)


def test_from_raster_to_gini(raster):
    found = zonal_lights(raster, townships(cells(0, 0, 1, 1), cells(2, 0, 3, 1)), 2015)
    table = gini_of_units(found.lights)
    assert table.to_dict("records") == [{"city": 110000, "year": 2015, "gini": 0.25, "units": 2}]


def test_what_cannot_be_used_is_named(raster, tmp_path):
    here = townships(cells(0, 0, 1, 1), cells(1, 1, 2, 2))
    with pytest.raises(DataError, match="no column 'township'"):
        zonal_lights(raster, here, 2015, unit="township")
    with pytest.raises(DataError, match="no coordinate system"):
        zonal_lights(raster, here.set_crs(None, allow_override=True), 2015)
    with pytest.raises(DataError, match="twice"):
        zonal_lights(raster, here.assign(unit="a"), 2015)
    broken = tmp_path / "broken.tif"
    broken.write_bytes(b"not a raster")
    with pytest.raises(FileError, match="broken.tif cannot be opened"):
        zonal_lights(broken, here, 2015)


def test_negative_light_is_refused(raster, tmp_path):
    path = tmp_path / "negative.tif"
    with rasterio.open(raster) as source, rasterio.open(path, "w", **source.profile) as file:
        file.write(np.full((5, 5), -0.5, dtype="float32"), 1)
    found = zonal_lights(path, townships(cells(0, 0, 1, 1)), 2015)
    assert found.lights.empty and found.refused["reason"].tolist() == ["the result is negative"]


def write_bands(path, bands, names=None, transform=None):
    shape = bands[0].shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=shape[0],
        width=shape[1],
        count=len(bands),
        dtype="float32",
        crs=GRID,
        transform=transform or from_origin(500_000, 3_000_000, CELL, CELL),
    ) as file:
        for place, band in enumerate(bands, 1):
            file.write(band.astype("float32"), place)
        if names:
            file.descriptions = names
    return path


def test_a_band_is_named_never_guessed(tmp_path):
    light, clouds = np.full((5, 5), 3.0), np.full((5, 5), 9.0)
    unit = townships(cells(0, 0, 2, 2))
    two = write_bands(tmp_path / "two.tif", [clouds, light], ["cf_cvg", "avg_rad"])
    with pytest.raises(DataError, match=r"has 2 bands, 1 \(cf_cvg\), 2 \(avg_rad\): say which with band="):
        zonal_lights(two, unit, 2015)
    for band in (2, "avg_rad"):
        assert zonal_lights(two, unit, 2015, band=band).lights["radiance"].tolist() == [3.0]
    for band in (0, 3, "rad", True):
        with pytest.raises(DataError, match="has no band"):
            zonal_lights(two, unit, 2015, band=band)
    same = write_bands(tmp_path / "same.tif", [clouds, light], ["rad", "rad"])
    with pytest.raises(DataError, match="has several bands 'rad'"):
        zonal_lights(same, unit, 2015, band="rad")


def test_a_raster_stored_south_up_gives_the_same(tmp_path):
    values = np.arange(25.0).reshape(5, 5)
    north = write_bands(tmp_path / "north.tif", [values])
    turned = rasterio.Affine(CELL, 0, 500_000, 0, CELL, 3_000_000 - 5 * CELL)
    south = write_bands(tmp_path / "south.tif", [values[::-1]], transform=turned)
    units = townships(cells(0, 0, 1, 1), cells(1.5, 2.5, 4.5, 4))
    expected = zonal_lights(north, units, 2015).lights
    assert zonal_lights(south, units, 2015).lights["radiance"].tolist() == expected["radiance"].tolist()
    askew = rasterio.Affine(CELL, 100, 500_000, 100, -CELL, 3_000_000)
    with pytest.raises(DataError, match="rotated or mirrored"):
        zonal_lights(write_bands(tmp_path / "askew.tif", [values], transform=askew), units, 2015)


@pytest.mark.parametrize("codes", [[110000.0, np.nan], [110000.7, 120000.0], ["A city", "B city"]])
def test_codes_of_polygons_are_whole_numbers(codes, raster):
    units = townships(cells(0, 0, 1, 1), cells(1, 0, 2, 1)).assign(city=codes)
    with pytest.raises(DataError, match="'city' must hold whole codes"):
        zonal_lights(raster, units, 2015)


def test_units_of_polygons_have_names(raster):
    units = townships(cells(0, 0, 1, 1), cells(1, 0, 2, 1)).assign(unit=["t", None])
    with pytest.raises(DataError, match="1 polygon.s. have no 'unit'"):
        zonal_lights(raster, units, 2015)


def test_a_truncated_raster_is_a_sentence(tmp_path):
    whole = write_bands(tmp_path / "whole.tif", [np.arange(10_000.0).reshape(100, 100)])
    cut = tmp_path / "cut.tif"
    content = whole.read_bytes()
    for share in (0.3, 0.6, 0.9):
        cut.write_bytes(content[: int(share * len(content))])
        with pytest.raises(FileError, match="raster"):
            zonal_lights(cut, townships(cells(0, 0, 100, 100)), 2015)
