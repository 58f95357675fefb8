#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks the examples of all documents against the program ($RAWSWARM) and the JSON Schemas.

Commands are looked for in indented lines and in backquotes: what begins with "rawswarm" names a command and options
that exist. Indented objects with a version are jobs and rooms, and must be valid, as must targets and single keys of a
job or a target. Of other parts of a job the keys must be keys of the schema.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

from jsonschema import Draft202012Validator

ROOT = pathlib.Path(__file__).resolve().parents[2]
JOB = json.loads((ROOT / "agent" / "manifest.schema.json").read_text())
sys.path.insert(0, str(ROOT / "tests" / "schema"))
from check_fixtures import room_schema

ROOM = room_schema()
# Outputs of the program and requests to it, which have a version too.
NO_JOB = ("rawswarm", "do", "pid", "room", "text", "order")
LEAST_COMMANDS = 100
LEAST_JOBS = 20


def documents():
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


def help_of(*command):
    return subprocess.run(
        [os.environ["RAWSWARM"], *command, "--help"], check=True, capture_output=True, text=True
    ).stdout


def options():
    """The options of each command."""
    commands = re.findall(r"^  ([a-z]+) ", help_of().partition("Subcommands:")[2], re.M)
    found = {name: set(re.findall(r"^  (?:(-\w),)?(--[a-z-]+)", help_of(name), re.M)) for name in commands}
    flat = {name: {one for pair in pairs for one in pair if one} for name, pairs in found.items()}
    return flat | {"help": set(re.findall(r"^  (?:-\w,)?(--[a-z-]+)", help_of("help"), re.M))}


def commands(text):
    """What a reader would type, up to the end of the command."""
    before = r"(?:# )?(?:on [\w-]+ |\S.*\| )?(?:[\w./-]+/)?"
    indented = re.findall(rf"^ {{4,}}{before}rawswarm ([a-z]+\b[^\n]*)", text, re.M)
    quoted = re.findall(r"`rawswarm ([a-z]+\b[^`]*)`", text)
    for command in [*indented, *quoted]:
        # Columns of an explanation, pipes, a second command.
        yield re.split(r" {3,}|\s[|&>]|;|\)", command.replace("\n", " "))[0]


def check_commands(text, known, count):
    for command in commands(text):
        name, *words = command.split()
        count["commands"] += 1
        if name not in known:
            yield f"has the command {command}, which does not exist"
            continue
        for word in words:
            option = re.fullmatch(r"(--[a-z][a-z-]*)(?:=.*)?|(-[a-z])", word)
            if option and (option[1] or option[2]) not in known[name] | {"--help", "-h"}:
                yield f"has the option {word} in: rawswarm {command}"


def blocks(text):
    """Indented blocks that begin with an object, or with a key and its value; without those that leave something out."""
    for block in re.findall(r"(?:^(?: {4}| {8}).*\n)+", text, re.M):
        block = block.strip()
        if re.match(r"\{|\"[^\"]+\": ", block) and not re.search(r"\.\.\.[^\"]", block):
            yield block


def objects(text):
    """The objects of all blocks; a key and its value make one, too. With the fault of a block that is no JSON."""
    decoder = json.JSONDecoder()
    for block in blocks(text):
        rest = block
        while key := re.match(r"(?=\{)|\"([^\"]+)\": ", rest):
            try:
                value, end = decoder.raw_decode(rest, key.end())
            except ValueError as error:
                yield None, f"has JSON that is none ({error}): {block[:60]}"
                break
            yield {key[1]: value} if key[1] else value, None
            rest = rest[end:].lstrip(", \n")


def keys_of(schema):
    """All keys that objects of the schema may have."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {}) if isinstance(schema.get("properties"), dict) else ()
        for child in schema.values():
            yield from keys_of(child)
    elif isinstance(schema, list):
        for child in schema:
            yield from keys_of(child)


def keys_in(value):
    if isinstance(value, dict):
        for key, child in value.items():
            yield key
            yield from keys_in(child)
    elif isinstance(value, list):
        for child in value:
            yield from keys_in(child)


def errors_of_part(value):
    """What is wrong with a target, or with one key of a target or of a job."""
    for key, child in value.items():
        schema = (JOB["$defs"]["target"]["properties"] | JOB["properties"]).get(key)
        if schema and (len(value) == 1 or "torrent" in value):
            yield from Draft202012Validator({"$defs": JOB["$defs"], **schema}).iter_errors(child)


def check_objects(text, count):
    parts = set(keys_of(JOB))
    for value, fault in objects(text):
        if fault:
            yield fault
        elif any(key in value for key in NO_JOB):
            continue
        elif "version" in value:
            count["jobs"] += 1
            is_room = not ("targets" in value or "capture" in value)
            for error in Draft202012Validator(ROOM if is_room else JOB).iter_errors(value):
                yield f"has {'a room' if is_room else 'a job'} that is wrong: {error.message}"
        else:
            count["jobs"] += 1
            for error in errors_of_part(value):
                yield f"has a part of a job that is wrong: {error.message}"
            for key in sorted(set(keys_in(value)) - parts):
                yield f"has {key} in a part of a job, where there is no such key"


def main():
    known = options()
    count = {"commands": 0, "jobs": 0}
    failed = False
    for document in documents():
        text = document.read_text()
        for fault in [*check_commands(text, known, count), *check_objects(text, count)]:
            failed = True
            print(f"{document.relative_to(ROOT)} {fault}")
    if count["commands"] < LEAST_COMMANDS or count["jobs"] < LEAST_JOBS:
        sys.exit(f"failed: only {count['commands']} commands and {count['jobs']} jobs were found")
    if not failed:
        print(f"passed: {count['commands']} commands, {count['jobs']} jobs and parts of jobs")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
