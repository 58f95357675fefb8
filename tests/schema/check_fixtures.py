#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks that the JSON Schemas of the job manifest and of room.json agree with the fixtures of their parsers.

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
MANIFEST = ROOT / "agent" / "manifest.schema.json"
ROOM = ROOT / "agent" / "room" / "room.schema.json"
FIXTURES = ROOT / "tests" / "fixtures"


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


def moved(schema, prefix):
    """The schema with each reference into itself or another file led to where prefix() says."""
    if isinstance(schema, dict):
        return {
            key: prefix(value) if key == "$ref" else moved(value, prefix)
            for key, value in schema.items()
        }
    if isinstance(schema, list):
        return [moved(value, prefix) for value in schema]
    return schema


def room_schema():
    """That of room.json, with the manifest's, which it refers to, inside."""
    place = "#/$defs/manifest.schema.json"
    schema = moved(
        json.loads(ROOM.read_text()),
        lambda ref: ref.replace("../manifest.schema.json#", place),
    )
    schema["$defs"]["manifest.schema.json"] = moved(
        json.loads(MANIFEST.read_text()), lambda ref: ref.replace("#", place)
    )
    return schema


def check(schema, fixtures):
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    failures = 0
    for folder, check_one in (
        ("valid", check_valid),
        ("refused", check_refused),
        ("refused_by_parser_only", check_refused_by_parser_only),
    ):
        found = sorted((fixtures / folder).glob("*.json"))
        name = f"{fixtures.name}/{folder}"
        if not found:
            print(f"{name}: no fixtures")
            failures += 1
        for path in found:
            if fault := check_one(validator, path):
                print(f"{name}/{path.name}: {fault}")
                failures += 1
        print(f"{name}: {len(found)} fixtures")
    return failures


def main():
    failures = check(json.loads(MANIFEST.read_text()), FIXTURES / "manifest")
    failures += check(room_schema(), FIXTURES / "room")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
