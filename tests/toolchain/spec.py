#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks that docs/spec.md names all that the program and the manifest's JSON Schema have, and nothing else.

Commands, options and kernel parameters are the program's ($RAWSWARM), as --help and the manual page of `boot` print them.
Keys of the manifest stand in the first column of the table of their section, and their defaults in another. The example
is a valid manifest.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

from jsonschema import Draft202012Validator

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "agent" / "manifest.schema.json").read_text())
ROOM_SCHEMA = json.loads((ROOT / "agent" / "room" / "room.schema.json").read_text())
SPEC = (ROOT / "docs" / "spec.md").read_text()

# Flags that every command has are documented once.
COMMON = "Options of every command but `help`"
OPTION_SECTIONS = {
    "run": "Options of `run`, `check` and `verify`",
    "check": "Options of `run`, `check` and `verify`",
    "verify": "Options of `run`, `check` and `verify`",
    "seed": "Options of `seed`",
    "boot": "Options of `boot`",
    "create": "Options of `create`",
    "watch": "Options of `watch`",
    "devices": COMMON,
    "info": COMMON,
    "status": "Options of `status`, `log`, `set` and `stop`",
    "log": "Options of `status`, `log`, `set` and `stop`",
    "set": "Options of `status`, `log`, `set` and `stop`",
    "stop": "Options of `status`, `log`, `set` and `stop`",
    "serve": "Options of `serve`",
    "room": "Options of `room`",
    "help": "Options of `help`",
}

# The objects of the manifest: the path of each in the schema, and the section of its table.
KEY_SECTIONS = {
    (): "The manifest",
    ("properties", "for"): "`for`",
    ("$defs", "target"): "`targets[]`",
    ("$defs", "selector"): "Selectors",
    ("$defs", "partition_table"): "`partition_tables[]`",
    ("$defs", "swarm"): "`swarm`",
    ("$defs", "seed_until"): "`seed_until`",
    ("$defs", "storage"): "`storage`",
    ("$defs", "storage", "properties", "coalesce"): "`storage`",
    ("$defs", "beacon"): "`beacon`",
    ("properties", "report"): "`report`",
    ("$defs", "capture"): "`capture`",
    ("properties", "after", "items"): "`after[]`",
    ("$defs", "file"): "`files[]`",
    ("$defs", "boot_entry"): "`boot_entry`",
    ("$defs", "volume"): "`volumes[]`",
}

# The same of room.json. Keys of `job` and `target` are the manifest's.
ROOM_KEY_SECTIONS = {
    (): "A room's folder",
    ("$defs", "image"): "`images` of a room",
    ("$defs", "group"): "`groups` of a room",
    ("$defs", "machine"): "`machines` of a room",
}
ROOM_FILES = {"room.json", "images/", "boot/", "state/"}
MANIFESTS_OWN = {("$defs", "job"), ("$defs", "target")}


def section(title):
    """The text below a heading, up to the next heading of any level."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#+ |\Z)", SPEC, re.M | re.S)
    if not found:
        sys.exit(f"docs/spec.md has no section {title}")
    return found[1]


def rows(text):
    """The names in backquotes in the first column of all tables."""
    cells = re.findall(r"^\| ((?:\\\||[^|])*) \|", text, re.M)
    return {name for cell in cells for name in re.findall(r"`([^`]*)`", cell)}


def output(*arguments):
    return subprocess.run([os.environ["RAWSWARM"], *arguments], check=True, capture_output=True, text=True).stdout


def options_of(command):
    return set(re.findall(r"^  (?:-\w,)?(--[a-z-]+)", output(command, "--help"), re.M)) - {"--help"}


def options_in(text):
    return set(re.findall(r"--[a-z]+(?:-[a-z]+)*", text))


def differences(what, there, documented):
    return [f"{what}: {name} is not in docs/spec.md" for name in sorted(there - documented)] + [
        f"{what}: docs/spec.md has {name}, which does not exist" for name in sorted(documented - there)
    ]


def check_commands():
    listed = set(re.findall(r"^  ([a-z]+) ", output("--help").partition("Subcommands:")[2], re.M)) | {"help"}
    documented = {name.split()[1] for name in rows(section("Commands")) if name.startswith("rawswarm ")}
    faults = differences("commands", listed, documented)
    common = options_in(section(COMMON))
    for command in sorted(listed & OPTION_SECTIONS.keys()):
        title = OPTION_SECTIONS[command]
        documented = options_in(section(title)) | (common if command != "help" else set())
        documented.discard("--help")
        if title == OPTION_SECTIONS["run"] and command != "run":
            documented -= {"--dry-run", "--socket", "--no-sandbox"}
        faults += differences(command, options_of(command), documented)
    return faults + [f"{command}: this test knows no section for it" for command in listed - OPTION_SECTIONS.keys()]


def check_kernel_parameters():
    page = output("help", "--man", "boot")
    return differences(
        "kernel parameters",
        set(re.findall(r"rd\.rawswarm\.\w+", page)),
        set(re.findall(r"rd\.rawswarm\.\w+", section("Kernel parameters"))),
    )


def objects(node, path=()):
    """The path and the keys of every object that the schema describes in full."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict) and node.get("additionalProperties") is False:
            yield path, set(node["properties"])
        for name, child in node.items():
            yield from objects(child, path + (name,))
    elif isinstance(node, list):
        for child in node:
            yield from objects(child, path)


def check_keys():
    there = {}
    faults = []
    for path, keys in objects(SCHEMA):
        if path == ("properties", "on_success", "anyOf"):
            if not all(f'"{key}"' in section("The manifest") for key in keys):
                faults.append(f"on_success: not all of {sorted(keys)} are in docs/spec.md")
        elif path == ("$defs", "target", "properties", "grow", "anyOf"):
            if not all(f'"{key}"' in section("`targets[]`") for key in keys):
                faults.append(f"grow: not all of {sorted(keys)} are in docs/spec.md")
        elif path not in KEY_SECTIONS:
            faults.append(f"manifest: this test knows no section for {'/'.join(path)}")
        else:
            there.setdefault(KEY_SECTIONS[path], set()).update(keys)
    for title, keys in there.items():
        faults += differences(f"manifest, {title}", keys, rows(section(title)))
    return faults


def defaults_of(title):
    """What the tables of a section have in their column "default", by the names of the first column."""
    found = {}
    for table in re.findall(r"(?:^\|.*\n)+", section(title), re.M):
        lines = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()]
        if "default" in lines[0]:
            at = lines[0].index("default")
            found |= {name: line[at] for line in lines[2:] for name in re.findall(r"`([^`]+)`", line[0])}
    return found


def check_defaults():
    """Each default of the schema is in the words of the table; an empty list is whatever they call it."""
    faults = []
    for path, title in KEY_SECTIONS.items():
        node = SCHEMA
        for name in path:
            node = node[name]
        documented = defaults_of(title)
        for key, rule in node["properties"].items():
            if "default" not in rule or key not in documented or documented[key] == "not set":
                continue
            default = rule["default"]
            values = default if isinstance(default, list) else [default]
            words = [one if isinstance(one, str) else json.dumps(one) for one in values]
            if not all(word in documented[key] for word in words):
                faults.append(f"{title}: {key} is {json.dumps(default)} by default, and not {documented[key]}")
    return faults


def check_room_keys():
    faults = []
    for path, keys in objects(ROOM_SCHEMA):
        if path in MANIFESTS_OWN:
            continue
        if path not in ROOM_KEY_SECTIONS:
            faults.append(f"room.json: this test knows no section for {'/'.join(path)}")
            continue
        documented = rows(section(ROOM_KEY_SECTIONS[path])) - ROOM_FILES
        faults += differences(f"room.json, {ROOM_KEY_SECTIONS[path]}", keys, documented)
    return faults


def check_example():
    example = re.search(r"^    \{\n.*?^    \}\n", section("The manifest"), re.M | re.S)
    if not example:
        return ["docs/spec.md has no example of a manifest"]
    return [f"the example: {error.message}" for error in Draft202012Validator(SCHEMA).iter_errors(json.loads(example[0]))]


def main():
    faults = check_commands() + check_kernel_parameters() + check_keys() + check_defaults() + check_room_keys() + check_example()
    print(*faults, sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
