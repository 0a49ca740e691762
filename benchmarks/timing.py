"""Medians of interleaved runs."""

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter


def interleave(tasks: Mapping[str, Callable], runs: int) -> dict[str, tuple[float, object]]:
    """Median seconds and the result of each task, after one run that pays for the imports."""
    results = {name: task() for name, task in tasks.items()}
    seconds = {name: [] for name in tasks}
    for _ in range(runs):
        for name, task in tasks.items():
            started = perf_counter()
            task()
            seconds[name].append(perf_counter() - started)
    return {name: (median(seconds[name]), results[name]) for name in tasks}
