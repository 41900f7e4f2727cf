#!/usr/bin/env python3
"""Holds a running Reeve to its own OpenAPI description, with schemathesis and all of its checks.

Usage: examine.py URL TOKEN SEED [EXAMPLES]     TOKEN has every scope and belongs to a person

What the description calls possible has to be taken or refused for a documented reason, what it does not allow has to be
refused, and every answer has to be as described. Real instances, workflows and tokens are mixed in, so that requests get
past the first check. Exit status 0, or 1 with what was found.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.request
import uuid

# Every check is on; two have statuses of their own.
CONFIGURATION = """
seed = {seed}
continue-on-failure = true
hooks = "{hooks}"
request-timeout = 20
warnings = false

[auth.openapi.token]
bearer = "{token}"

[generation]
max-examples = {examples}
mode = "all"

# A request of the right shape may still ask for what is not so: an event that the state does not know (409), a workflow,
# person or cursor that does not exist (404, 422), a definition with a fault (422), a version that was overtaken (412).
# The description documents each.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "412", "422", "429", "503"]

# The order of checks is the server's: who asks is settled before what is asked.
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422", "429", "431"]
"""

HOOKS = '''
import schemathesis

OWN = "{own}"
OTHER = "{other}"


@schemathesis.hook
def before_call(context, case, kwargs):
    """The run does not take its own token away."""
    parameters = case.path_parameters or {{}}
    if case.operation.label == "DELETE /api/v1/tokens/{{token}}" and parameters.get("token") == OWN:
        case.path_parameters["token"] = OTHER
'''


def get(url, token, path):
    request = urllib.request.Request(url + path, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=20) as reply:
        return json.load(reply)


def dictionary(name, values, places):
    """A dictionary of values and the parameters that take them half of the time."""
    if not values:
        return ""
    lines = [f"[dictionaries.{name}]", f"values = {json.dumps(values)}"]
    lines += [f'[parameters."{place}"]\ndictionary = "{name}"\nprobability = 0.5' for place in places]
    return "\n".join(lines) + "\n"


def main(url, token, seed, examples):
    instances = get(url, token, "/api/v1/instances?limit=50")["items"]
    tasks = get(url, token, "/api/v1/tasks?limit=50")["items"]
    clocks = get(url, token, "/api/v1/clocks?limit=50")["items"]
    tokens = get(url, token, "/api/v1/tokens")
    own = next(entry["id"] for entry in tokens if entry["name"] == "examination" and not entry["revokedAt"])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        hooks = folder / "hooks.py"
        hooks.write_text(HOOKS.format(own=own, other=uuid.uuid4()), encoding="utf-8")
        text = CONFIGURATION.format(seed=seed, hooks=hooks, token=token, examples=examples)
        text += dictionary("instances", [entry["reference"] for entry in instances], ["path.instance"])
        text += dictionary("workflows", sorted({entry["workflow"] for entry in instances}), ["path.workflow"])
        text += dictionary("tasks", sorted({entry["name"] for entry in tasks}), ["path.task", "path.approval"])
        text += dictionary("clocks", sorted({entry["name"] for entry in clocks}), ["path.clock"])
        configuration = folder / "schemathesis.toml"
        configuration.write_text(text, encoding="utf-8")
        command = pathlib.Path(os.environ.get("SCHEMATHESIS") or pathlib.Path(sys.executable).parent / "st")
        run = subprocess.run(
            [command, "--config-file", configuration, "run", url + "/openapi.json", "--checks", "all", "--no-color"],
            cwd=folder, check=False,
        )
    print(f"seed {seed}; again with: {sys.argv[0]} {url} TOKEN {seed} {examples}")
    return run.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else 20))
