#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""page.py FILE: runs the commands of a page in their order, in one bash, and compares what they print with the page.

An indented line that begins with "# " is a command, "> " goes on with it, all others are its output. A block that
begins with { is a file: the last name in backquotes before it. Hashes, times, rates and addresses are not compared,
other numbers may differ by a tenth, as tools of other versions lay out a file system in another way. Where the
output on the page has "..." its other lines need only be among those that were printed.

Called in the folder to work in, by page.sh. With --seen it prints the page with the output that it saw.
"""

import os
import pathlib
import re
import subprocess
import sys

# A page in which fewer are found is read wrongly.
LEAST_COMMANDS = 15
# What differs from run to run, the longest first.
CHANGING = [
    (r"\b[0-9a-f]{40}\b", "HASH"),
    (r"\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b", "MAC"),
    (r"\b\d\d:\d\d:\d\d(?:\.\d+)?\b", "TIME"),
    (r"\d+(?:\.\d+)? [KMG]?i?B/s", "RATE"),
    (r"\d+(?:\.\d+)?%(?= .*RATE)", "SHARE"),
    (r"\b\d+(?:\.\d+)?s\b", "SECONDS"),
    (r"\bprocess \d+\b", "process PID"),
    (r"\b\d+ peers\b", "PEERS"),
    (r"\S+ \S+ over the network: .*", "over the network"),
    (r"the limit was .*", "the limit was"),
    (r" +", " "),
]
# Lines of progress come each few seconds, so that a slow machine prints more of them.
PROGRESS = re.compile(r"rawswarm: (?!done)\w+ +\d+\.\d% ")
NUMBER = r"0x[0-9a-f]+|\d+(?:\.\d+)?"


class Command:
    def __init__(self, line):
        self.text = line
        self.shown = []
        self.seen = []
        self.code = None


def parse(page):
    """Commands, and files as commands that write them, in the order of the page; and the page's parts for --seen."""
    commands = []
    parts = []
    name = None
    file = None
    for line in page.splitlines():
        if file is not None:
            if line.startswith("    "):
                file.append(line[4:])
            else:
                commands.append(Command(f"cat >{name} <<'FILE'\n" + "\n".join(file) + "\nFILE"))
                file = None
            parts.append(line)
        elif line.startswith("    # "):
            commands.append(Command(line[6:]))
            parts += [line, commands[-1]]
        elif line.startswith("    > "):
            commands[-1].text += "\n" + line[6:]
            parts.insert(-1, line)
        elif line.startswith("    {"):
            file = [line[4:]]
            parts.append(line)
        elif line.startswith("    "):
            commands[-1].shown.append(line[4:])
        else:
            name = (re.findall(r"`([^`]+)`", line) or [name])[-1]
            parts.append(line)
    return commands, parts


def run(commands):
    # The status is handed on, as the next command may ask for it.
    script = "".join(f"{command.text}\ncode=$?; printf '\\n\\036%d\\n' $code; (exit $code)\n" for command in commands)
    pathlib.Path("../script").write_text(script)
    with open("../output", "wb") as output:
        subprocess.run(["bash", "../script"], stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False)
    printed = re.split(r"\n\036(\d+)\n", pathlib.Path("../output").read_text())
    for command, text, code in zip(commands, printed[::2], printed[1::2]):
        command.seen = [line for line in text.splitlines() if not PROGRESS.match(line)]
        command.code = int(code)


def without_what_changes(line):
    for pattern, word in CHANGING:
        line = re.sub(pattern, word, line)
    return line.strip()


def alike(shown, seen):
    """Whether two lines say the same."""
    shown, seen = without_what_changes(shown), without_what_changes(seen)
    if re.sub(NUMBER, "N", shown) != re.sub(NUMBER, "N", seen):
        return False
    numbers = zip(re.findall(NUMBER, shown), re.findall(NUMBER, seen))
    return all(abs(a - b) <= 0.1 * max(a, b) for a, b in ((number(a), number(b)) for a, b in numbers))


def number(text):
    return int(text, 16) if text.startswith("0x") else float(text)


def fault(command):
    if command.code is None:
        return "was not run"
    if "..." in command.shown:
        for line in command.shown:
            if line != "..." and not any(alike(line, seen) for seen in command.seen):
                return f"did not print: {line}"
    elif len(command.shown) != len(command.seen) or not all(map(alike, command.shown, command.seen)):
        return "prints something else than the page has"
    return None


def show(parts):
    for part in parts:
        for line in [part] if isinstance(part, str) else part.seen:
            print(line if isinstance(part, str) else f"    {line}")


def main():
    page = pathlib.Path(sys.argv[1])
    commands, parts = parse(page.read_text())
    if len(commands) < LEAST_COMMANDS:
        sys.exit(f"failed: only {len(commands)} commands were found in {page.name}")
    run(commands)
    if "--seen" in sys.argv[2:]:
        show(parts)
        return 0
    failed = False
    for command in commands:
        if found := fault(command):
            failed = True
            print(f"failed: {command.text}\n  {found}; it printed, with {command.code}:")
            print(*(f"    {line}" for line in command.seen), sep="\n")
    if not failed:
        print(f"passed: {len(commands)} commands")
    return 1 if failed else 0


if __name__ == "__main__":
    os.environ["LC_ALL"] = "C.UTF-8"
    sys.exit(main())
