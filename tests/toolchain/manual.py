#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks the manual pages that the program ($RAWSWARM) prints: there is one for each command, it names every option
that --help lists, those of files name every key of their JSON Schemas, and mandoc finds no fault with any."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMAS = {"job": ROOT / "agent" / "manifest.schema.json", "room": ROOT / "agent" / "room" / "room.schema.json"}


def output(*arguments):
    return subprocess.run([os.environ["RAWSWARM"], *arguments], check=True, capture_output=True, text=True).stdout


def bold_after_tp(page):
    """The names that the page describes, without what keeps roff from changing them."""
    found = set()
    for line in re.findall(r"^\.TP\n(.*)$", page, re.M):
        found |= {name.replace("\\-", "-") for name in re.findall(r"\\fB(.*?)\\fR", line)}
    return found


def keys(node):
    """Every key of every object that the schema describes in full. "properties" of a condition have no own type."""
    if isinstance(node, dict):
        if node.get("additionalProperties") is False:
            yield from node["properties"]
        for child in node.values():
            yield from keys(child)
    elif isinstance(node, list):
        for child in node:
            yield from keys(child)


def check_commands(pages):
    listed = re.findall(r"^  ([a-z]+) ", output("--help").partition("Subcommands:")[2], re.M)
    for command in listed:
        name = f"rawswarm-{command}.8"
        if name not in pages:
            yield f"there is no page {name}"
            continue
        if f"rawswarm\\-{command} (8)" not in pages["rawswarm.8"]:
            yield f"rawswarm.8 does not name {name}"
        wanted = set(re.findall(r"^  (?:-\w,)?(--[a-z-]+)", output(command, "--help"), re.M))
        described = {name for name in bold_after_tp(pages[name]) if name.startswith("--")}
        if wanted != described:
            yield f"{name} and --help differ in {sorted(wanted ^ described)}"
    for option in ("--help", "--version", "--licenses", "--log", "--json"):
        if option not in bold_after_tp(pages["rawswarm.8"]):
            yield f"rawswarm.8 does not have {option}"
    if len(listed) + 3 != len(pages):
        yield f"{len(pages)} pages of {len(listed)} commands"


def check_files(pages):
    for name, file in SCHEMAS.items():
        text = file.read_text()
        if output("help", "--schema", name) != text:
            yield f"--schema {name} is not {file.name}"
        wanted = set(keys(json.loads(text)))
        described = bold_after_tp(pages[f"rawswarm-{name}.5"])
        if wanted != described:
            yield f"rawswarm-{name}.5 and {file.name} differ in {sorted(wanted ^ described)}"


def check_lint(pages):
    # References to pages are looked up in mandoc's own database, which is not there.
    with tempfile.TemporaryDirectory() as folder:
        for name, text in pages.items():
            file = pathlib.Path(folder) / name
            file.write_text(text)
            ended = subprocess.run(["mandoc", "-T", "lint", file], capture_output=True, text=True)
            yield from ended.stdout.splitlines()


def main():
    pages = {name: output("help", "--man", name) for name in output("help", "--pages").split()}
    faults = [*check_commands(pages), *check_files(pages), *check_lint(pages)]
    print(*faults, sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
