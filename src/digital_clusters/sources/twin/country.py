"""The whole country, block by block, each made when a table asks for it."""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from digital_clusters.sources.twin import (
    digital,
    economy,
    geography,
    industries,
    lights,
    misallocation,
    outcome,
)
from digital_clusters.sources.twin import resilience as downturns
from digital_clusters.sources.twin.economy import Arrays
from digital_clusters.sources.twin.streams import stream
from digital_clusters.sources.twin.truth import Truth

OFTEN_MISSING = ("university_students", "education_expenditure", "science_expenditure")
"""What the incomplete cities lack in some years."""

KEPT = 2
"""Countries that a process keeps; each holds some tens of megabytes."""

CITY_COLUMNS = [
    "city", "name", "province", "lon", "lat", "is_municipality", "is_resource_based",
    "is_old_industrial_base", "is_provincial_capital", "delta_council_year",
]  # fmt: skip


@dataclass(frozen=True)
class TwinCountry:
    """The synthetic country of one truth and one seed. Arrays are (cities, years) unless said otherwise."""

    truth: Truth
    seed: int

    @cached_property
    def places(self) -> pd.DataFrame:
        """Cities with their factors (:func:`geography.make_cities`)."""
        return geography.make_cities(self.truth, self.seed)

    @cached_property
    def panel(self) -> Arrays:
        """The study panel's variables but the outcome."""
        return economy.panel_variables(self.places, self.truth, self.seed)[0]

    @cached_property
    def gini(self) -> np.ndarray:
        """Intended Gini of lights."""
        return outcome.planted_gini(self.places, self.panel, self.truth, self.seed)

    @cached_property
    def accounts(self) -> Arrays:
        """GDP, sectors, population, credit, capital, expenditures."""
        return economy.accounts(self.places, self.panel, self.truth, self.seed)

    @cached_property
    def storefronts(self) -> tuple[np.ndarray, np.ndarray]:
        """Opened and closed (:func:`digital.storefront_counts`)."""
        return digital.storefront_counts(
            self.places, self.panel, self.accounts["population"], self.truth, self.seed
        )

    @cached_property
    def open_storefronts(self) -> np.ndarray:
        """Open at the end of the year, shape (cities, industries, years)."""
        return digital.open_storefronts(*self.storefronts)

    @cached_property
    def density(self) -> np.ndarray:
        """Storefront density, standardised within the year."""
        return digital.storefront_density(self.open_storefronts, self.accounts["population"], self.truth)

    @cached_property
    def internet(self) -> np.ndarray:
        """Internet users per 100 persons."""
        around = misallocation.nearest_cities(self.places, self.truth.misallocation.neighbours)
        member = misallocation.delta_member(self.places, self.truth.country.years)
        return digital.internet_users(self.places, self.panel["difi"], member, around, self.truth, self.seed)

    @cached_property
    def industry_shares(self) -> np.ndarray:
        """Shares of industries in the city's employment, shape (cities, industries, years)."""
        return industries.industry_shares(self.places, self.accounts, self.seed)

    @cached_property
    def coagglomeration(self) -> np.ndarray:
        """The index that the wedges respond to; the country's shares are weighted by nominal GDP."""
        return industries.planted_coagglomeration(self.industry_shares * self.accounts["gdp"][:, None, :])

    @cached_property
    def intended_wedges(self) -> Arrays:
        """Capital and labour wedges before they are balanced (:func:`misallocation.balanced`), log points."""
        return misallocation.wedges(
            self.places, self.coagglomeration, self.internet, self.density, self.truth, self.seed
        )

    @cached_property
    def output(self) -> Arrays:
        """Retail sales and real GDP."""
        base = self.accounts
        retail = downturns.retail_sales(base["gdp"], self.density, self.truth, self.seed)
        weighted = self.density * downturns.strength(
            self.places, self.internet, self.manufacturing, self.truth
        )
        size = np.mean([np.log(np.abs(wedge)) for wedge in self.intended_wedges.values()], axis=0)
        hidden = digital.enterprise(self.places, self.truth, self.seed)
        relative = downturns.relative_growth(
            weighted, size, np.log(retail / base["gdp"]), self.panel["gdp_per_capita"], hidden,
            self.truth, self.seed,
        )  # fmt: skip
        real = downturns.real_gdp(base["gdp"][:, 0], relative, self.truth)
        return {"gdp_real": real, "retail_sales": retail}

    @cached_property
    def manufacturing(self) -> np.ndarray:
        """Log location quotient of manufacturing."""
        weighted = self.industry_shares * self.accounts["gdp"][:, None, :]
        return np.log(industries.group_quotient(weighted, industries.MANUFACTURING))

    @cached_property
    def wedges(self) -> Arrays:
        """Capital and labour wedges as they can be measured, log points."""
        real = self.output["gdp_real"]
        return {name: misallocation.balanced(w, real) for name, w in self.intended_wedges.items()}

    @cached_property
    def factors(self) -> Arrays:
        """Capital stock, employment, and investment at current prices."""
        real, nominal = self.output["gdp_real"], self.accounts["gdp"]
        made = misallocation.factors(real, self.accounts["population"], self.wedges, self.truth)
        prices = nominal.sum(axis=0) / real.sum(axis=0)
        return {
            "employment": made["employment"],
            "fixed_asset_investment": made["investment"] * prices,
            "capital_stock": made["capital_stock"],
        }

    @cached_property
    def employment(self) -> np.ndarray:
        """By industry, 10,000 persons, shape (cities, industries, years)."""
        return self.industry_shares * self.factors["employment"][:, None, :]

    def cities_table(self) -> pd.DataFrame:
        """The raw table ``cities``."""
        lines = digital.telephones(self.places, self.truth, self.seed)
        return self.places[CITY_COLUMNS].assign(telephones_1984=lines)

    def city_year_table(self) -> pd.DataFrame:
        """The raw table ``city_year``, sorted by city, year; NaN where an incomplete city lacks a value."""
        parts = digital.index_parts(self.panel, self.truth, self.seed)
        users = {"internet_users": self.internet * self.accounts["population"] / 100}
        arrays = self.accounts | self.factors | self.output | users | parts | self.wedges
        codes, years = self.places["city"].to_numpy(), self.truth.country.years
        frame = pd.DataFrame({"city": np.repeat(codes, len(years)), "year": np.tile(years, len(codes))})
        lacking = self._gaps().ravel()
        for name, values in arrays.items():
            flat = values.ravel()
            frame[name] = np.where(lacking, np.nan, flat) if name in OFTEN_MISSING else flat
        return frame

    def city_industry_year_table(self) -> pd.DataFrame:
        """The raw table ``city_industry_year``."""
        return industries.industry_table(
            self.places, self.employment, self.open_storefronts, self.truth.country.years
        )

    def lights_table(self) -> pd.DataFrame:
        """The raw table ``lights``."""
        return lights.lights_table(self.places, self.gini, self.accounts["gdp"], self.truth, self.seed)

    def storefronts_table(self) -> pd.DataFrame:
        """The raw table ``storefronts``."""
        return digital.storefront_table(self.places, *self.storefronts, self.truth.country.years)

    def _gaps(self) -> np.ndarray:
        """Where incomplete cities lack expenditures and students: one to five years of the sample."""
        rng = stream(self.seed, "missing years")
        years = self.truth.country.years
        in_sample = np.flatnonzero(years >= self.truth.country.sample[0])
        out = np.zeros((len(self.places), len(years)), dtype=bool)
        for row in np.flatnonzero(~self.places["complete"].to_numpy()):
            out[row, rng.choice(in_sample, size=rng.integers(1, 6), replace=False)] = True
        return out


@dataclass(frozen=True)
class _Key:
    """Truths of the same numbers are one."""

    said: str
    seed: int
    truth: Truth = field(compare=False)


def country_of(truth: Truth, seed: int) -> TwinCountry:
    """The country of a truth and a seed, shared by whoever asks for one of the last :data:`KEPT`.

    Its tables, and what is planted in it, then come from blocks that are made once.
    """
    return _country(_Key(truth.model_dump_json(), seed, truth))


@lru_cache(maxsize=KEPT)
def _country(key: _Key) -> TwinCountry:
    return TwinCountry(key.truth, key.seed)
