"""Random deadlines, computed a second time by other means: holidays, numpy.busday_offset, dateutil.relativedelta.

    deadlines.py SEED COUNT

One JSON object a line: kind, length, calendar, zone, trigger and the two figures in seconds since 1970.
"""

import datetime
import functools
import json
import random
import sys
import warnings
import zoneinfo

import holidays
import numpy
from dateutil.relativedelta import relativedelta

PLACES = [
    ("de", "Europe/Berlin"), ("de-by", "Europe/Berlin"), ("fr", "Europe/Paris"), ("ie", "Europe/Dublin"),
    ("nl", "Europe/Amsterdam"), ("pl", "Europe/Warsaw"), ("es", "Europe/Madrid"), ("gr", "Europe/Athens"),
    ("hu", "Europe/Budapest"), ("gb-eng", "Europe/London"), ("gb-sct", "Europe/London"), ("us", "America/New_York"),
    ("us-ca", "America/Los_Angeles"), ("us-ny", "America/New_York"), ("us-tx", "America/Chicago"),
    ("br", "America/Sao_Paulo"), ("jp", "Asia/Tokyo"), ("kr", "Asia/Seoul"), ("au-nsw", "Australia/Sydney"),
    ("in", "Asia/Kolkata"),
]
UTC = datetime.timezone.utc
DAY = datetime.timedelta(days=1)


@functools.cache
def free_days(calendar, observed=True):
    country, _, part = calendar.upper().partition("-")
    found = holidays.country_holidays(country, subdiv=part or None, years=range(2023, 2034), observed=observed)
    return frozenset(found)


@functools.cache
def business(calendar):
    return numpy.busdaycalendar(weekmask="1111100", holidays=[numpy.datetime64(d) for d in free_days(calendar)])


def offset(day, count, calendar, roll="backward"):
    return numpy.busday_offset(day, count, roll=roll, busdaycal=business(calendar)).astype(object)


def moved(day, calendar):
    return offset(day, 0, calendar, roll="forward")


def after(day, count, calendar):
    """The nth business day after a day, which may itself be none."""
    return offset(day, count, calendar, roll="backward")


def end(day, place):
    midnight = datetime.datetime.combine(day + DAY, datetime.time(), place)
    return midnight.astimezone(UTC)


def figures(kind, length, calendar, place, trigger):
    day = trigger.astimezone(place).date()
    if kind in ("hours", "eu-hours"):
        due = trigger + datetime.timedelta(hours=length)
        if kind == "hours":
            return due, due
        local = trigger.astimezone(place)
        past = datetime.timedelta(minutes=local.minute, seconds=local.second)
        return due, due - past + datetime.timedelta(hours=1)
    if kind in ("days", "days-roll", "eu-days"):
        last = day + length * DAY
    elif kind in ("months", "eu-months"):
        last = day + relativedelta(months=length)
    if kind in ("days", "months"):
        return end(last, place), end(last, place)
    if kind in ("days-roll", "eu-months"):
        return end(last, place), end(moved(last, calendar), place)
    if kind == "eu-days":
        latest = moved(last, calendar)
        if length >= 2:
            latest = max(latest, after(day, 2, calendar))
        return end(last, place), end(latest, place)
    if kind == "business-days":
        last = after(day, length, calendar)
        return end(last, place), end(last, place)
    if kind == "uk-months":
        last = day + relativedelta(months=length)
        careful = last - DAY if last.day == day.day else last
        return end(careful, place), end(moved(last, calendar), place)
    if kind == "ccpa-days":
        return end(day + (length - 1) * DAY, place), end(moved(day + length * DAY, calendar), place)
    if kind == "ccpa-business-days":
        shared = free_days("us", False) & free_days("us-ca", False)
        open_days = numpy.busdaycalendar(weekmask="1111110", holidays=[numpy.datetime64(d) for d in shared])
        careful = numpy.busday_offset(day, length, roll="backward", busdaycal=open_days).astype(object)
        return end(careful, place), end(after(day, length, calendar), place)
    if kind == "sec":
        first = moved(day, calendar)
        last = offset(first, length if first == day else length - 1, calendar)
        closing = datetime.datetime.combine(last, datetime.time(17, 30), place).astimezone(UTC)
        return closing, closing
    if kind == "dora":
        if length < 0:
            last = day + relativedelta(months=-length)
            due = end(last, place)
        else:
            due = trigger + datetime.timedelta(hours=length)
            last = due.astimezone(place).date()
        noon_day = moved(last, calendar)
        if noon_day == last:
            return due, due
        return due, datetime.datetime.combine(noon_day, datetime.time(12), place).astimezone(UTC)
    raise ValueError(kind)


KINDS = {
    "hours": (1, 96), "eu-hours": (1, 96), "days": (1, 90), "days-roll": (1, 90), "eu-days": (1, 45),
    "months": (1, 14), "eu-months": (1, 14), "business-days": (1, 40), "uk-months": (1, 14), "ccpa-days": (1, 90),
    "ccpa-business-days": (1, 20), "sec": (1, 10), "dora": (-3, 96),
}


def main():
    warnings.filterwarnings("ignore")
    dice = random.Random(int(sys.argv[1]))
    for _ in range(int(sys.argv[2])):
        kind = dice.choice(sorted(KINDS))
        length = dice.randint(*KINDS[kind]) or 1
        calendar, zone = dice.choice(PLACES)
        if kind.startswith("ccpa"):
            calendar, zone = "us-ca", "America/Los_Angeles"
        if kind == "sec":
            calendar, zone = "us", "America/New_York"
        place = zoneinfo.ZoneInfo(zone)
        trigger = datetime.datetime(2024, 1, 1, 12, tzinfo=UTC) + datetime.timedelta(
            seconds=dice.randint(0, int(7.5 * 365 * 86400)))
        if dice.random() < 0.3:
            trigger = trigger.replace(minute=0, second=0)
        due, latest = figures(kind, length, calendar, place, trigger)
        print(json.dumps({
            "kind": kind, "length": length, "calendar": calendar, "zone": zone, "trigger": int(trigger.timestamp()),
            "due": int(due.timestamp()), "latest": int(latest.timestamp())}))


main()
