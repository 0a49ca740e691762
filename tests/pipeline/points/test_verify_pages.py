import pandas as pd
import pytest
import yaml

from digital_clusters.errors import FileError
from digital_clusters.pipeline.points.verify_pages import verify_pages
from digital_clusters.pipeline.sweep import run_sweep


def test_a_folder_without_a_sweep_is_refused(tmp_path):
    with pytest.raises(FileError, match="no whole sweep"):
        verify_pages(tmp_path, tmp_path)


@pytest.mark.slow
def test_pages_are_verified_and_a_changed_number_or_page_is_found(project):
    file = project.write(
        "sweeps/small.yml", yaml.safe_dump({"notebook": "study/first", "grid": {"folds": [5, 6]}})
    )
    result = run_sweep(file, project.root)
    found = verify_pages(result.folder, project.root)
    assert len(found) == 4 and not [str(one) for one in found if one.fault]
    done = project.command("verify", str(result.folder))
    assert done.returncode == 0 and "comes out again" in done.stdout
    table = pd.read_parquet(result.table)
    table.loc[0, "value"] += 1
    table.to_parquet(result.table, index=False)
    (result.folder / "folds-6.ipynb").write_text("{}")
    faults = [str(one) for one in verify_pages(result.folder, project.root, points=2) if one.fault]
    assert "folds-6.ipynb is not the page" in faults[0]
    assert "value was 11, is 10" in faults[1] and "has the numbers of 2 pages" in faults[1]
    assert len(faults) == 3 and "point folds-5 comes out again" in faults[2]
