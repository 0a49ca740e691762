"""Which city a cell of a user's file means: codes in force at the time, short codes, names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pandas as pd

from digital_clusters.sources.cells import plain_text
from digital_clusters.sources.city_codes import MUNICIPALITIES
from digital_clusters.sources.policies import (
    city_facts,
    code_changes,
    name_changes,
    province_names,
    units_left_out,
)

_KIND_OF_UNIT = re.compile(r"(?:市|地区|自治州|州|盟|林区)$")
_PEOPLES = re.compile(
    "(?:朝鲜族|土家族|苗族|藏族|羌族|彝族|布依族|侗族|哈尼族|壮族|傣族|白族|景颇族|傈僳族|回族|蒙古族?|"
    "哈萨克|柯尔克孜)+$"
)
_LATIN_SUFFIX = re.compile(r"(?:\s*\((?:city|prefecture|league)\)|\s+(?:city|shi|prefecture|league))$")
_NUMBER = re.compile(r"[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?")
_TOTALS = {"全国", "中国", "合计", "总计", "全省", "平均", "total", "china", "national"}


@dataclass(frozen=True)
class Cities:
    """Cells of a city column, read.

    Attributes
    ----------
    code : pandas.Series
        Code of the city (Int64), missing where a cell means none.
    superseded : pandas.Series
        Whether the cell held a code or name that another one replaced.
    why_not : pandas.Series
        Why a cell that is not blank means no city; empty text elsewhere.
    """

    code: pd.Series
    superseded: pd.Series
    why_not: pd.Series


def read_cities(cells: pd.Series, own: pd.DataFrame | None = None) -> Cities:
    """The city each cell means.

    Codes may be numbers or text, of four, six or twelve digits, and those in force at an earlier time;
    names Chinese (with or without 市, 地区, 自治州, and the province before them) or Latin.

    Parameters
    ----------
    cells : pandas.Series
        As in the file.
    own : pandas.DataFrame, optional
        A user's own table of cities (city, name, name_zh): then its codes and names count and no others.
    """
    distinct = {cell: _meaning(cell, own) for cell in cells.dropna().unique()}
    read = cells.map(lambda cell: distinct.get(cell, (None, False, "")))
    code, superseded, why_not = (read.map(lambda item, place=place: item[place]) for place in range(3))
    return Cities(code.astype("Int64"), superseded.astype(bool), why_not.astype("str"))


def _meaning(cell: object, own: pd.DataFrame | None) -> tuple[int | None, bool, str]:
    text = plain_text(cell)
    if not text:
        return None, False, ""
    digits = re.fullmatch(r"(\d+)(?:\.0*)?", text)
    if not digits and _NUMBER.fullmatch(text):
        return None, False, "unknown city code"
    if own is not None:
        return _own_meaning(text, int(digits[1]) if digits else None, own)
    return _code(digits[1]) if digits else _name(text)


def _own_meaning(text: str, number: int | None, own: pd.DataFrame) -> tuple[int | None, bool, str]:
    if number is not None:
        return number, False, ""
    for column in ("name_zh", "name"):
        found = own.loc[own[column] == text, "city"] if column in own else []
        if len(found) == 1:
            return int(found.iloc[0]), False, ""
    return None, False, f"no city of the table 'cities' is named '{text[:40]}'"


def _code(digits: str) -> tuple[int | None, bool, str]:
    cities, changes, left_out = _tables()
    number = int(digits[:6]) if len(digits) == 12 and digits.endswith("000000") else int(digits[:18])
    whole = number * 100 if 1000 <= number <= 9999 else number
    if whole in cities:
        return whole, False, ""
    if whole in changes:
        return changes[whole], True, ""
    if whole in left_out:
        return None, False, f"{left_out[whole]}, leave its rows out"
    if whole // 10_000 in MUNICIPALITIES and whole > 99_999:
        city = MUNICIPALITIES[whole // 10_000]
        return None, False, f"it lies in {city} ({cities[city]}), and that is the code of the city"
    if whole % 10_000 == 0 and whole // 10_000 in _provinces_of_codes():
        return None, False, f"the code of a province, {_provinces_of_codes()[whole // 10_000]}"
    return None, False, _county_of(whole)


def _county_of(code: int) -> str:
    cities, changes, _ = _tables()
    city = changes.get(code // 100 * 100, code // 100 * 100)
    if code % 100 and city in cities:
        return f"a county or district of {city} ({cities[city]})"
    return "unknown city code"


def _name(text: str) -> tuple[int | None, bool, str]:
    """By the full name, then without its province, then without 市 and the like."""
    known, former, ambiguous, left_out = _names()
    if text in known and text in _province_words() and f"{text}市" not in known and not text.endswith("市"):
        # 海南 alone is the province as often as the prefecture in Qinghai; 吉林 is a city as well.
        return None, False, f"'{text}' may mean a province or {known[text]}: give codes"
    for word in (text, _without_province(text)):
        for form in (word, short_name(word), latin_name(word)):
            if form in known:
                return known[form], form in former, ""
            if form in ambiguous:
                return None, False, f"'{text[:40]}' may mean {ambiguous[form]}: give codes"
            if form in left_out:
                return None, False, f"{left_out[form]}, leave its rows out"
    if text.casefold() in _TOTALS or text in _province_words():
        return None, False, "not a city"
    return None, False, f"no city is named '{text[:40]}'"


def _without_province(text: str) -> str:
    for province in _province_words():
        if text.startswith(province) and len(text) > len(province) + 1:
            return text.removeprefix(province).lstrip("-/ ")
    return text


def short_name(name: str) -> str:
    """A Chinese name without its kind of unit and its peoples: 恩施土家族苗族自治州 → 恩施."""
    bare = _KIND_OF_UNIT.sub("", name)
    without = _PEOPLES.sub("", bare.removesuffix("自治")) if name != bare else bare
    return without if len(without) > 1 else name


def latin_name(name: str) -> str:
    """A name in Latin letters in lower case, without 'city' or 'prefecture'."""
    return _LATIN_SUFFIX.sub("", name.casefold().strip()) if name.isascii() else name


@cache
def _tables() -> tuple[dict[int, str], dict[int, int], dict[int, str]]:
    cities, changes, left = city_facts(), code_changes(), units_left_out()
    reasons = {
        row.code: f"{row.name_zh}: {row.reason}" for row in left.itertuples() if row.code not in (0, 999000)
    }
    return (
        dict(zip(cities["city"], cities["name"], strict=True)),
        dict(zip(changes["old_code"], changes["new_code"], strict=True)),
        reasons,
    )


@cache
def _names() -> tuple[dict[str, int], set[str], dict[str, str], Mapping[str, str]]:
    cities, _, left_out = _tables()
    facts, changes = city_facts(), name_changes()
    full = dict(zip(facts["name_zh"], facts["city"], strict=True))
    former = {old: full[new] for old, new in zip(changes["old_name_zh"], changes["name_zh"], strict=True)}
    forms: dict[str, set[int]] = {}
    for name, code in (full | former).items():
        forms.setdefault(short_name(name), set()).add(code)
    for name, code in zip(facts["name"], facts["city"], strict=True):
        forms.setdefault(latin_name(name), set()).add(code)
    left = {reason.partition(":")[0]: reason for code, reason in left_out.items() if code not in cities}
    for name, reason in list(left.items()):
        if short_name(name) not in forms:
            left.setdefault(short_name(name), reason)
    known = {form: min(codes) for form, codes in forms.items() if len(codes) == 1} | former | full
    ambiguous = {
        form: " or ".join(f"{code} ({cities[code]})" for code in sorted(codes))
        for form, codes in forms.items()
        if len(codes) > 1
    }
    return known, set(former) | {short_name(name) for name in former}, ambiguous, left


@cache
def _provinces_of_codes() -> dict[int, str]:
    return {city // 10_000: province for city, province in province_names().items()}


@cache
def _province_words() -> list[str]:
    """Names of provinces as they stand before a city's, the longest first."""
    full = set(province_names())
    short = {re.sub(r"(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区)$", "", name) for name in full}
    return sorted(full | short, key=len, reverse=True)
