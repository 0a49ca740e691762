"""Seconds of testing every claim of a study in many synthetic countries.

Run ``python benchmarks/countries.py``. Each country is made from its own seed, its panel is built, and every
claim of the study is estimated on it, in two processes, as ``digital-clusters power`` does.
"""

import argparse
import json
import os
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

STUDY = "collaborative_agglomeration"
WORKERS = 2
SECONDS = 240
"""What two hundred countries may take, of the clock."""


def path_of(countries: int) -> str:
    """Its name among the paths."""
    return f"claims of a study in {countries} countries"


def measure(countries: int) -> dict[str, object]:
    """CPU seconds of all processes, of the clock, largest process in MiB, and the share of each claim."""
    import resource

    from joblib.externals.loky import get_reusable_executor

    from digital_clusters.analysis.power import many_countries, summarise
    from digital_clusters.studies.catalogue import find_study

    started = time.perf_counter()
    results = many_countries(find_study(STUDY), range(1, countries + 1), WORKERS)
    wall = time.perf_counter() - started
    # their time is told once they have ended
    get_reusable_executor().shutdown(wait=True)
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "cpu": sum(use.ru_utime + use.ru_stime for use in uses),
        "wall": wall,
        "peak": max(use.ru_maxrss for use in uses) / 1024,
        "recovered": {row["claim"]: row["share_recovered"] for row in summarise(results)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--countries", type=int, default=200)
    options = parser.parse_args()
    print(json.dumps(measure(options.countries)))


if __name__ == "__main__":
    main()
