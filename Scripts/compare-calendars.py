#!/usr/bin/env python3
"""Writes docs/reference/calendars.md: where the calendars differ from the Python package `workalendar`, and what was decided.

    Scripts/compare-calendars.py            writes the page
    Scripts/compare-calendars.py --check    says whether the page is up to date, and exits 1 if it is not

Two packages that agree are no proof; two that differ are a question, and each question has an answer here. A country
that differs and has none is an error. Weekends are left out: they move no deadline.
"""

import argparse
import collections
import datetime
import json
import pathlib
import re
import sys
import warnings

import workalendar
from workalendar.registry import registry

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "calendars.md"

# What was decided for a country and its parts, and why. "Ours" is what lies in workflows/calendars.
DECISIONS = {
    "au": "Ours. Substitutes are set by each State and Territory; take its calendar, not `au`, where the act is "
          "performed there.",
    "bg": "Ours: days off in lieu under Art. 154(2) of the Labour Code, and those that the government set.",
    "br": "Ours: 20 November is a national holiday since 2024 (Law 14.759/2023). Good Friday is in the federal "
          "government's yearly ordinance.",
    "ca": "Ours: Good Friday is a holiday under the Canada Labour Code. What provinces add is in their calendars.",
    "ch": "Ours: `ch` has only what is a holiday in every canton; take the canton's calendar. In the cantons ours leaves "
          "out days that are kept by custom or in some districts only, which can only shorten `latest`.",
    "cy": "Ours: the movable feasts of Cyprus follow the Orthodox Easter.",
    "de": "Ours. Assumption is a holiday only in some municipalities of Bavaria; Women's Day is one in Mecklenburg-"
          "Western Pomerania since 2023, Children's Day in Thuringia since 2019, 8 May 2025 was one in Berlin.",
    "dk": "Ours: the Great Prayer Day was abolished from 2024; Christmas Eve is a holiday of banks only.",
    "es": "Ours: autonomous communities set some days anew each year. Regional days are not relied on for Union "
          "periods unless the place's calendar is named.",
    "gb": "Ours: `gb` has what all parts of the United Kingdom share; take `gb-eng`, `gb-wls`, `gb-sct` or `gb-nir`.",
    "gr": "Ours: the government moves 1 May where it falls on a Sunday or in Holy Week.",
    "hu": "Ours: 24 December is a holiday since 2024, and bridge days are set by decree. The Saturdays worked for them "
          "are not known to any calendar here.",
    "ie": "Ours: St Brigid's Day is a holiday since 2023. Where a holiday falls on a weekend the Organisation of Working "
          "Time Act 1997 gives employees another day, and does not make a holiday of the Monday: 28 December 2026 is a "
          "working day. If it were none, `latest` would be a day later; ours is the careful answer.",
    "is": "Ours: both eves are holidays from noon only.",
    "it": "Ours: 4 October is a holiday again since 2026.",
    "jp": "Ours: substitute and citizens' holidays under Art. 3(2) and (3) of the Act on National Holidays.",
    "kr": "Ours: alternative holidays by presidential decree, elections, and the two holidays added in 2026.",
    "lv": "Ours: days off that the government moved. The Saturdays worked for them are not known here.",
    "nl": "Ours: Liberation Day is a day off every fifth year only.",
    "pl": "Ours: 24 December is a holiday since 2025 (Act of 6 December 2024).",
    "ro": "Ours: 6 and 7 January are holidays since 2024.",
    "se": "Ours: the eves are no public holidays (Act 1989:253). The Act 1930:173 treats them like such for periods of "
          "Swedish law; overlay them where that law computes.",
    "sg": "Ours: workalendar lacks Eid and Vesak after 2026. Dates named *estimated* await the ministry's announcement; "
          "recompute when it comes.",
    "sk": "Ours: 1 September and 17 November stay holidays and are worked, since 2024 and 2025; so are 8 May and "
          "15 September in 2026.",
    "us": "Ours: Juneteenth is federal since 2021. State calendars have what State law names, and the States' own "
          "substitutes; where a State leaves a day to its counties or governor, ours follows the package.",
    "za": "Ours: days of elections.",
}

HEAD = """# Calendars

Public holidays lie in `workflows/calendars`, one file a place, for {first} to {last}: the 27 Member States of the Union,
Iceland, Liechtenstein and Norway, the United Kingdom and its nations, the United States with the fifty States and DC,
Switzerland, Canada, Brazil, Australia, Singapore, India, Japan, Korea and South Africa, with their parts where these have
holidays of their own. Identifiers are those of the Python package `holidays`: `de`, `de-by`, `us-ca`, `gb-eng`. How a file
is written, and how a tenant lays its own closing days and hours over it, is told in [deadlines](deadlines.md).

They are generated by `Scripts/generate-calendars.py`, and `make test` compares them with a fresh generation. A year that a
calendar does not cover is an error, never a guess.

## A second opinion

`Scripts/compare-calendars.py` compares them with the Python package `workalendar` {version} and writes this page; `make
test` fails where the page is not up to date. Only weekdays are compared. {same} calendars agree in every day of the nine
years; `workalendar` does not know {unknown} ({names}).

| calendar | only ours (days) | only workalendar's (days) |
| --- | --- | --- |
"""


def differences(path, classes):
    """The weekdays that only one of the two knows, by name; None where workalendar does not know the place."""
    content = json.loads(path.read_text(encoding="utf-8"))
    code = content["calendar"].upper()
    if "years" not in content:
        return content, "no place"
    if code not in classes:
        return content, None
    first, last = content["years"]
    ours = {day: name if isinstance(name, str) else name["name"] for day, name in content["holidays"].items()}
    theirs = {}
    for year in range(first, last + 1):
        try:
            listed = classes[code]().holidays(year)
        except Exception:  # It refuses years whose moon it does not know.
            continue
        theirs.update({day.isoformat(): str(name) for day, name in listed if first <= day.year <= last})
    return content, (only(ours, theirs), only(theirs, ours))


def only(these, those):
    names = collections.Counter()
    for day, name in these.items():
        if day not in those and datetime.date.fromisoformat(day).weekday() < 5:
            names[re.sub(r" \(.*?\)", "", name)] += 1
    return names


def cell(names):
    return ", ".join(f"{name} ({count})" for name, count in sorted(names.items())).replace("|", "/")


def page():
    classes = registry.region_registry
    same, unknown, rows, countries, years = 0, [], [], set(), (0, 0)
    for path in sorted((ROOT / "workflows" / "calendars").glob("*.json")):
        content, found = differences(path, classes)
        if found == "no place":
            continue
        years = content["years"]
        if found is None:
            unknown.append(content["calendar"])
        elif not any(found):
            same += 1
        else:
            rows.append(f"| `{content['calendar']}` | {cell(found[0])} | {cell(found[1])} |\n")
            countries.add(content["calendar"].split("-")[0])
    missing = sorted(countries - DECISIONS.keys())
    if missing:
        sys.exit("These differ from workalendar and nobody has decided: " + ", ".join(missing))
    text = HEAD.format(first=years[0], last=years[1], version=workalendar.__version__, same=same, unknown=len(unknown),
                       names=", ".join(f"`{name}`" for name in unknown))
    text += "".join(rows) + "\n## What was decided, and why\n\n"
    return text + "".join(f"- `{country}`: {DECISIONS[country]}\n" for country in sorted(countries))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--check", action="store_true", help="write nothing, say whether the page is up to date")
    check = arguments.parse_args().check
    warnings.filterwarnings("ignore")
    text = page()
    if check:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            print(f"{PAGE.relative_to(ROOT)} is not up to date: a calendar or workalendar has changed. Run "
                  "Scripts/compare-calendars.py, look at what differs, and decide.", file=sys.stderr)
            return 1
        print("Every difference from workalendar is decided.")
        return 0
    PAGE.write_text(text, encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
