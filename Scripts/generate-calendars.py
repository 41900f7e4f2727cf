#!/usr/bin/env python3
"""Writes the public holidays of workflows/calendars from the Python package `holidays`.

    pip install holidays==0.109
    Scripts/generate-calendars.py            writes the files
    Scripts/generate-calendars.py --check    says which files differ, and exits 1 if any does

Each file names the version of the package it was made with. A day is a *substitute* if it is free only because a
holiday falls on a day off: those days vanish when the package is asked not to move holidays.
"""

import argparse
import json
import pathlib
import sys
import warnings

import holidays

FIRST, LAST = 2024, 2032
FOLDER = pathlib.Path(__file__).resolve().parent.parent / "workflows" / "calendars"

COUNTRIES = {
    "AT": "Austria", "BE": "Belgium", "BG": "Bulgaria", "HR": "Croatia", "CY": "Cyprus", "CZ": "Czechia",
    "DK": "Denmark", "EE": "Estonia", "FI": "Finland", "FR": "France", "DE": "Germany", "GR": "Greece",
    "HU": "Hungary", "IE": "Ireland", "IT": "Italy", "LV": "Latvia", "LT": "Lithuania", "LU": "Luxembourg",
    "MT": "Malta", "NL": "Netherlands", "PL": "Poland", "PT": "Portugal", "RO": "Romania", "SK": "Slovakia",
    "SI": "Slovenia", "ES": "Spain", "SE": "Sweden",
    "IS": "Iceland", "LI": "Liechtenstein", "NO": "Norway",
    "GB": "United Kingdom", "US": "United States", "CH": "Switzerland", "CA": "Canada", "BR": "Brazil",
    "AU": "Australia", "SG": "Singapore", "IN": "India", "JP": "Japan", "KR": "South Korea", "ZA": "South Africa",
}

# Whose parts have calendars of their own; None means every part that the package knows by a short code.
PARTS = {
    "AT": None, "AU": None, "CA": None, "CH": None, "DE": None, "ES": None,
    "GB": {"ENG": "England", "NIR": "Northern Ireland", "SCT": "Scotland", "WLS": "Wales"},
    "US": None,
}
NOT_STATES = {"AS", "GU", "MP", "PR", "UM", "VI"}


def parts(country):
    named = PARTS.get(country, {})
    if named is not None:
        return named
    entity = holidays.country_holidays(country, years=FIRST)
    aliases = {}
    for name, code in getattr(entity, "subdivisions_aliases", {}).items():
        aliases.setdefault(code, name)
    codes = [code for code in entity.subdivisions if len(code) <= 3 and not (country == "US" and code in NOT_STATES)]
    return {code: aliases.get(code, code) for code in codes}


def observances(country, part, observed):
    # A year on either side, since a holiday of January may be kept in December.
    return holidays.country_holidays(
        country, subdiv=part, years=range(FIRST - 1, LAST + 2), observed=observed, language="en_US")


def calendar(country, part, title):
    moved, proper = observances(country, part, True), observances(country, part, False)
    days = {}
    for day in sorted(moved):
        if FIRST <= day.year <= LAST:
            name = moved[day]
            days[day.isoformat()] = name if day in proper else {"name": name, "substitute": True}
    return {
        "calendar": "-".join(filter(None, [country, part])).lower(),
        "title": title,
        "source": f"Python package holidays {holidays.__version__}",
        "years": [FIRST, LAST],
        "holidays": days,
    }


def text(content):
    """One line a holiday, so that differences read well."""
    head = [f"  {json.dumps(key)}: {json.dumps(content[key], ensure_ascii=False)}"
            for key in ("calendar", "title", "source", "years")]
    days = [f"    {json.dumps(day)}: {json.dumps(name, ensure_ascii=False)}"
            for day, name in content["holidays"].items()]
    return "{\n" + ",\n".join(head) + ',\n  "holidays": {\n' + ",\n".join(days) + "\n  }\n}\n"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--check", action="store_true", help="write nothing, say which files differ")
    check = arguments.parse_args().check
    warnings.filterwarnings("ignore")
    differing = []
    for country, name in COUNTRIES.items():
        places = [(None, name)] + [(code, f"{name}, {title}") for code, title in parts(country).items()]
        for part, title in places:
            content = calendar(country, part, title)
            path, wanted = FOLDER / f"{content['calendar']}.json", text(content)
            if path.exists() and path.read_text(encoding="utf-8") == wanted:
                continue
            differing.append(path.name)
            if not check:
                path.write_text(wanted, encoding="utf-8")
    if check and differing:
        print("These calendars differ from a fresh generation: " + ", ".join(differing), file=sys.stderr)
        return 1
    print(f"{len(differing)} files written." if not check else "All calendars are as generated.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
