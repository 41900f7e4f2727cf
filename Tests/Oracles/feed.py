"""What the Python package `icalendar` reads in a feed: one event a line, as JSON.

    feed.py FILE
"""

import json
import sys

import icalendar


def main():
    with open(sys.argv[1], "rb") as file:
        feed = icalendar.Calendar.from_ical(file.read())
    print(json.dumps({"name": str(feed["NAME"]), "method": str(feed["METHOD"]), "version": str(feed["VERSION"]),
                      "errors": [str(error) for error in feed.errors]}))
    for event in feed.walk("VEVENT"):
        print(json.dumps({
            "uid": str(event["UID"]), "sequence": int(event["SEQUENCE"]), "status": str(event["STATUS"]),
            "start": int(event.start.timestamp()), "end": int(event.end.timestamp()),
            "changed": int(event["DTSTAMP"].dt.timestamp()), "summary": str(event["SUMMARY"]),
            "description": str(event.get("DESCRIPTION", "")), "url": str(event.get("URL", "")),
            "categories": [str(word) for word in event["CATEGORIES"].cats] if "CATEGORIES" in event else [],
            "reminders": [int(-alarm["TRIGGER"].dt.total_seconds()) for alarm in event.walk("VALARM")],
            "errors": [str(error) for error in event.errors],
        }))


if __name__ == "__main__":
    main()
