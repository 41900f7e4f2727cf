#!/usr/bin/env python3
"""Checks workflows/schema.json: that it is a JSON Schema, accepts the library, and refuses what is wrong.

Usage: check-schema.py [FOLDER...]     default: the folder of the schema
Needs jsonschema and PyYAML. Exit status 0, or 1 with one line for each fault.
"""

import copy
import json
import re
import sys
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "workflows"


class Core(yaml.SafeLoader):
    """Reads scalars by the core schema of YAML 1.2, as Reeve does."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("null", r"(?:null|Null|NULL|~|)", ["n", "N", "~", ""]),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
]:
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)


def read(path):
    return yaml.load(path.read_text(encoding="utf-8"), Loader=Core)


def kind(document):
    """The definition of the schema that a document falls under; None for what the schema is not about."""
    for key in ("scenario", "fragment", "workflow"):
        if isinstance(document, dict) and key in document:
            return {"workflow": "definition"}.get(key, key)
    return None


def faults(validator, document):
    for error in validator.iter_errors(document):
        # The deepest of the alternatives' errors says most.
        while error.context:
            error = max(error.context, key=lambda inner: len(inner.absolute_path))
        yield f"{'/'.join(map(str, error.absolute_path)) or '(root)'}: {error.message}"


def change(document, path, value):
    """A copy of a document with another value at a path; a value of None removes what stands there."""
    document = copy.deepcopy(document)
    place = document
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


# Mistakes in the incident's definition and one of its scenarios that editors have to mark.
MISTAKES = {
    "incident/incident.yaml": [
        (["stats"], {}),
        (["initial"], None),
        (["reference"], "inc"),
        (["states", "triage", "on", "classify", "allow"], None),
        (["states", "triage", "on", "classify", "targt"], "responding"),
        (["states", "triage", "on", "classify", "actions"], [{"sett": {}}]),
        (["states", "triage", "final"], "yes"),
        (["clocks", "classify", "goal"], "30 minutes"),
        (["clocks", "classify", "until"], "data.detectedAt"),
        (["clocks", "classify", "start"], {"in": "triage", "when": "true"}),
        (["children", "disclosures", "key"], None),
        (["data", "properties", "summary", "type"], "text"),
        (["decisions", "classification", "hit"], "any"),
        (["escalations", "triage"], [{"notify": ["owner"]}]),
    ],
    "incident/severe.scenario.yaml": [
        (["steps"], []),
        (["steps", 0, "expext"], {}),
        (["steps", 0, "at"], "tomorrow"),
        (["steps", 0, "send"], "classify"),
    ],
}


def main(folders):
    schema = json.loads((LIBRARY / "schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    found = []
    checked = 0
    for folder in folders:
        for path in sorted(folder.rglob("*.yaml")):
            document = read(path)
            if kind(document) is None:
                continue
            checked += 1
            found += [f"{path}: {fault}" for fault in faults(validator, document)]
    refused = 0
    for name, mistakes in MISTAKES.items():
        document = read(LIBRARY / name)
        for path, value in mistakes:
            if validator.is_valid(change(document, path, value)):
                found.append(f"schema.json accepts a mistake in {name}: {'/'.join(map(str, path))} = {value}")
            refused += 1
    print("\n".join(found) if found else f"{checked} files accepted, {refused} mistakes refused")
    return 1 if found or not checked else 0


if __name__ == "__main__":
    sys.exit(main([Path(argument) for argument in sys.argv[1:]] or [LIBRARY]))
