"""``python -m digital_clusters.cli``."""

from digital_clusters.cli import main

main()
