#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks that the JSON Schema of the job manifest agrees with the fixtures of its parser.

valid/                    accepted by the schema
refused/                  refused by the schema, at the same location as by the parser; invalid JSON
                          counts as refused
refused_by_parser_only/   accepted by the schema: a fixture that a schema could refuse belongs elsewhere

Beside each refused fixture is a file of the same name ending in .pointer, with the location that the
parser's error names.
"""

import json
import pathlib
import sys

from jsonschema import Draft202012Validator

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "agent" / "manifest.schema.json"
FIXTURES = ROOT / "tests" / "fixtures" / "manifest"


def no_constant(name):
    raise ValueError(f"{name} is no JSON")


def load(path):
    """The document, or ValueError if it is not JSON. Duplicate keys pass, and a byte order mark."""
    return json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=no_constant)


def places(errors):
    """The JSON pointers of the errors, and of those hidden in an anyOf."""
    found = set()
    for error in errors:
        found.add("".join("/" + str(step) for step in error.absolute_path))
        found |= places(error.context)
    return found


def check_valid(validator, path):
    try:
        document = load(path)
    except ValueError as reason:
        return f"no JSON: {reason}"
    for error in validator.iter_errors(document):
        return f"refused by the schema: {error.json_path}: {error.message}"
    return None


def ancestors(place):
    """The location itself and all that contain it, without the document as a whole."""
    steps = place.split("/")
    return {"/".join(steps[:n]) for n in range(2, len(steps) + 1)}


def check_refused(validator, path):
    expected = path.with_suffix(".pointer").read_text().rstrip("\n")
    try:
        document = load(path)
    except ValueError:
        return None
    found = places(validator.iter_errors(document))
    if not found:
        return "accepted by the schema"
    # A schema points at the object that has an unknown key, not at the key. Text that the parser
    # refuses at a line and column may be JSON to Python.
    parent = expected.rpartition("/")[0]
    if expected.startswith("line ") or found & (ancestors(expected) | {expected, parent}):
        return None
    return f"refused by the schema at {sorted(found)}, not at {expected!r}"


def check_refused_by_parser_only(validator, path):
    if not path.with_suffix(".pointer").exists():
        return "no .pointer beside it"
    return check_valid(validator, path)


def main():
    schema = json.loads(SCHEMA.read_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    failures = 0
    for folder, check in (
        ("valid", check_valid),
        ("refused", check_refused),
        ("refused_by_parser_only", check_refused_by_parser_only),
    ):
        fixtures = sorted((FIXTURES / folder).glob("*.json"))
        if not fixtures:
            print(f"{folder}: no fixtures")
            failures += 1
        for path in fixtures:
            if fault := check(validator, path):
                print(f"{folder}/{path.name}: {fault}")
                failures += 1
        print(f"{folder}: {len(fixtures)} fixtures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
