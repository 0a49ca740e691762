"""Numbers that the chapter on mechanisms quotes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from digital_clusters.analysis.multiverse.explored import Explored
from digital_clusters.report.glue import glue
from digital_clusters.report.inference.moderation import quote_moderation
from digital_clusters.report.words import PUBLIC, number
from digital_clusters.studies.collaborative_agglomeration import quotes, sentences
from digital_clusters.studies.collaborative_agglomeration.chain import STRENGTHENS, planted_chain
from digital_clusters.studies.collaborative_agglomeration.record import public_record
from digital_clusters.studies.collaborative_agglomeration.sentences import CRITICAL
from digital_clusters.studies.collaborative_agglomeration.tables import LOG_SIZE
from digital_clusters.studies.collaborative_agglomeration.variants import planted_sides

if TYPE_CHECKING:
    from digital_clusters.analysis.fit import Fit
    from digital_clusters.estimators.curves.moving import TurningPath
    from digital_clusters.estimators.curves.ratios import Ratio
    from digital_clusters.estimators.estimate import Estimate
    from digital_clusters.studies.collaborative_agglomeration.mechanism.evidence import AllClaims

BEND = STRENGTHENS.replace(":", "^2:")


def moving(shift: "Ratio", truth: np.ndarray, path: "TurningPath", bent: "Estimate") -> None:
    """Quote what :func:`..quotes.shift` does, and the bend.

    ``bend``: the product with the square and its error; ``bend-differs``: from zero or not at 5 %;
    ``bend-planted``: what one more user changes of the effect at every index, as it is planted.
    """
    quotes.shift(shift, truth, path)
    value, error = bent[BEND]
    glue("bend", f"{number(value)} ({number(error)})")
    glue("bend-differs", "differs" if abs(value / error) > CRITICAL else "does not differ")
    glue("bend-planted", number(planted_chain()[1]))


def moderation(tried: Mapping[str, Any], rows: Mapping[str, Any]) -> None:
    """Quote the trial of interactions, and the public ones."""
    quote_moderation(tried["trial"], rows[PUBLIC], tried["trial"][0]["design"], tried["countries"])


def claims(told: "AllClaims", curve: "Fit", explored: Explored, data: str) -> None:
    """Quote verdicts, power, standings and public curves.

    Besides what functions of this name elsewhere quote: ``right-own``, planted at the quantile of the twin's
    own index, ``right-measured``, at the measured one, and ``public-options``, what the years do.
    """
    quotes.power(told.power, "integration_corrects")
    quotes.verdicts(told.study, told.public)
    quotes.standings(explored, LOG_SIZE)
    variants = public_record(data)["variants"]
    quotes.public_curve({"public": variants["public"]}, variants)
    glue("right-own", number(told.planted["worsens_at_home"]))
    glue("right-measured", number(planted_sides(curve)["direct right"]))
    glue("public-options", sentences.options_sentence(explored, LOG_SIZE, "years"))
