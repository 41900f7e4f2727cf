"""Random recurrence rules and what python-dateutil makes of them, one JSON object a line.

    recurrence.py SEED COUNT

Left out is what the two understand differently on purpose: weekdays with and without a number in one BYDAY (RFC 5545
unites them, dateutil intersects them), and weeks 52 and 53, since dateutil gives the first days of some years the wrong
one (1 January 2022 lies in week 52 of 2021 by ISO 8601, in 53 by dateutil).
"""

import datetime
import itertools
import json
import random
import signal
import sys
import warnings
import zoneinfo

from dateutil.rrule import rruleset, rrulestr

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kolkata", "America/Sao_Paulo",
         "Europe/Dublin", "Pacific/Apia", "Africa/Casablanca"]
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def some(dice, values, most=3):
    return ",".join(str(v) for v in sorted(dice.sample(list(values), dice.randint(1, most))))


def either_sign(dice, limit):
    return dice.choice([dice.randint(1, limit), -dice.randint(1, limit)])


def rule(dice, start):
    frequency = dice.choices(
        ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"], [5, 6, 5, 4, 2, 1, 1])[0]
    parts = [f"FREQ={frequency}"]
    if dice.random() < 0.5:
        parts.append(f"INTERVAL={dice.randint(1, 7)}")
    if dice.random() < 0.3:
        parts.append("BYMONTH=" + some(dice, range(1, 13)))
    if frequency == "YEARLY" and dice.random() < 0.2:
        parts.append("BYWEEKNO=" + some(dice, list(range(1, 52)) + list(range(-10, 0))))
        if dice.random() < 0.7:
            parts.append("BYDAY=" + some(dice, DAYS))
    elif frequency == "YEARLY" and dice.random() < 0.2:
        parts.append("BYYEARDAY=" + some(dice, list(range(1, 367)) + list(range(-366, 0))))
    else:
        if frequency != "WEEKLY" and dice.random() < 0.3:
            parts.append("BYMONTHDAY=" + some(dice, list(range(1, 32)) + list(range(-31, 0))))
        if dice.random() < 0.5:
            if frequency in ("YEARLY", "MONTHLY") and dice.random() < 0.6:
                limit = 5 if frequency == "MONTHLY" or "BYMONTH" in parts[-1] else 53
                picked = dice.sample(DAYS, dice.randint(1, 2))
                parts.append("BYDAY=" + ",".join(f"{either_sign(dice, limit)}{day}" for day in picked))
            else:
                parts.append("BYDAY=" + some(dice, DAYS))
    if frequency != "SECONDLY" and dice.random() < 0.4:
        parts.append("BYHOUR=" + some(dice, range(0, 24)))
    if frequency not in ("SECONDLY", "MINUTELY") and dice.random() < 0.3:
        parts.append("BYMINUTE=" + some(dice, range(0, 60)))
    if frequency not in ("SECONDLY", "MINUTELY", "HOURLY") and dice.random() < 0.2:
        parts.append("BYSECOND=" + some(dice, range(0, 60)))
    if len(parts) > 2 and any(p.startswith("BY") for p in parts) and dice.random() < 0.2:
        parts.append("BYSETPOS=" + ",".join({str(either_sign(dice, 4)) for _ in range(dice.randint(1, 2))}))
    if dice.random() < 0.3:
        parts.append(f"WKST={dice.choice(DAYS)}")
    if dice.random() < 0.2:
        parts.append(f"COUNT={dice.randint(1, 15)}")
    elif dice.random() < 0.2:
        until = start + datetime.timedelta(days=dice.randint(1, 2000), seconds=dice.randint(0, 86399))
        parts.append(f"UNTIL={until:%Y%m%dT%H%M%S}Z")
    return ";".join(parts)


class TooSlow(Exception):
    pass


def stop(_signal, _frame):
    raise TooSlow


def take(walk, horizon):
    return list(itertools.takewhile(lambda o: o <= horizon, itertools.islice(walk, 40)))


def is_plain(day):
    """Whether the wall clock shows a time exactly once."""
    return day.astimezone(datetime.timezone.utc).astimezone(day.tzinfo) == day.replace(fold=0) and (
        day.replace(fold=1).utcoffset() == day.utcoffset())


def some_removed(dice, found):
    plain = [o for o in found if is_plain(o)]
    return dice.sample(plain, min(len(plain), dice.choice([0, 0, 1, 2, 5])))


def some_added(dice, found, start):
    if not found or dice.random() < 0.6:
        return []
    seconds = int((found[-1] - start).total_seconds())
    days = [start + datetime.timedelta(seconds=dice.randint(0, max(0, seconds))) for _ in range(dice.randint(1, 3))]
    return [day for day in days if is_plain(day)]


def case(dice):
    zone = dice.choice(ZONES)
    start = datetime.datetime(2020, 1, 1) + datetime.timedelta(
        days=dice.randint(0, 4000), hours=dice.randint(0, 23), minutes=dice.choice([0, 0, 0, 15, 30, 59]))
    text = rule(dice, start)
    place = zoneinfo.ZoneInfo(zone)
    try:
        walk = rrulestr(text, dtstart=start.replace(tzinfo=place))
        horizon = start.replace(tzinfo=place) + datetime.timedelta(days=3 if "SECONDLY" in text else 2500)
        # A rule that hardly ever matches makes dateutil walk to the year 9999: such a one is passed over.
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        found = take(walk, horizon)
        dates = rruleset()
        dates.rrule(walk)
        removed, added = some_removed(dice, found), some_added(dice, found, start.replace(tzinfo=place))
        for day in removed:
            dates.exdate(day)
        for day in added:
            dates.rdate(day)
        found = take(dates, horizon)
    except (ValueError, TooSlow):
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    instants = sorted({int(o.timestamp()) for o in found})
    # The last ten are not compared: a clock change beyond them could still put one in between.
    return {
        "rule": text, "start": start.isoformat(), "zone": zone, "occurrences": instants[:30],
        "removed": [int(o.timestamp()) for o in removed], "added": [int(o.timestamp()) for o in added],
    }


def main():
    warnings.filterwarnings("ignore")
    signal.signal(signal.SIGALRM, stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
    dice = random.Random(int(sys.argv[1]))
    made = 0
    while made < int(sys.argv[2]):
        found = case(dice)
        if found:
            print(json.dumps(found))
            made += 1


main()
