"""Random instants and wall-clock times in random zones, and what Python's zoneinfo makes of them.

    zones.py SEED COUNT

One JSON object a line: the offset at an instant, and the instant of a wall-clock time (skipped times go forward, of
repeated ones the earlier counts, which is what fold=0 means).
"""

import datetime
import json
import random
import sys
import zoneinfo

EPOCH = datetime.datetime(1970, 1, 1)


def main():
    dice = random.Random(int(sys.argv[1]))
    names = sorted(n for n in zoneinfo.available_timezones() if not n.startswith(("right/", "posix/")))
    names = [n for n in names if n not in ("localtime", "Factory")]
    for _ in range(int(sys.argv[2])):
        name = dice.choice(names)
        place = zoneinfo.ZoneInfo(name)
        seconds = dice.randint(-2_000_000_000, 20_000_000_000)
        if dice.random() < 0.5:
            # Near a change of the clocks, if the year has one.
            year = datetime.datetime.fromtimestamp(min(seconds, 4_000_000_000), datetime.timezone.utc).year
            days = [datetime.datetime(year, 1, 1) + datetime.timedelta(days=d) for d in range(365)]
            changes = [a for a, b in zip(days, days[1:])
                       if a.replace(tzinfo=place).utcoffset() != b.replace(tzinfo=place).utcoffset()]
            if changes:
                wall = dice.choice(changes) + datetime.timedelta(minutes=dice.randint(-120, 30 * 60))
                seconds = int((wall - EPOCH).total_seconds())
        utc = EPOCH + datetime.timedelta(seconds=seconds)
        offset = int(utc.replace(tzinfo=datetime.timezone.utc).astimezone(place).utcoffset().total_seconds())
        resolved = utc.replace(tzinfo=place) - datetime.timedelta(0)
        instant = seconds - int(resolved.utcoffset().total_seconds())
        print(json.dumps({"zone": name, "seconds": seconds, "offset": offset, "instant": instant}))


main()
