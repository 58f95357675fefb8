#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks that the files and headings that the documents name exist.

Looked at are links to files and headings, and words in backquotes that begin with a folder of the tree
(`agent/job/plan.cpp`, or `agent/net/http_get` for a pair of files). In the tables of docs/reliability.md the
last column holds the names of tests, which must exist, and at least one in each row. The same holds for
docs/interop.md. A number of docs/tuning.md, and one of what README.md says was measured, must stand in one of the pages
that have the figures. Every page of docs/ is linked to by README.md. The tests that agent/swarm/swarm_settings.cpp names behind
its settings exist as well.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLES_OF_TESTS = ("reliability.md", "interop.md")
SETTINGS = ROOT / "agent/swarm/swarm_settings.cpp"
FIGURES = ("performance.md", "web-seeds.md", "spec.md")
FOLDERS = ("agent", "base", "docs", "initramfs", "storage", "tests", "toolchain", ".github")


def documents():
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob(".github/**/*.md")]
    if len(found) < 10:
        sys.exit(f"only {len(found)} documents found below {ROOT}")
    return sorted(found)


def anchors(text):
    """The fragments of a document's headings, as forges make them."""
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def exists(path):
    """The path itself, a pattern, or a pair of files without its suffix."""
    return any(ROOT.glob(path.rstrip("/"))) or any(ROOT.glob(path + ".?pp"))


def check_links(document, text):
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        file = document if not path else (document.parent / path).resolve()
        if not file.exists():
            yield f"links to {target}, which does not exist"
        elif fragment and fragment not in anchors(file.read_text()):
            yield f"links to {target}, which has no such heading"


def check_paths(text):
    for word in re.findall(r"`([^`\s]+)`", text):
        if re.match(rf"(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./*-]*$", word) and not exists(word):
            yield f"names {word}, which does not exist"


def tests():
    """The names of all tests, as ctest prints them."""
    names = {f"{script.parent.name}.{script.stem}" for script in ROOT.glob("tests/*/*.sh")}
    for source in ROOT.glob("tests/**/*.?pp"):
        for suite, name in re.findall(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", source.read_text(), re.M):
            names.add(f"{suite}.{name}")
    return names


def check_tests(text):
    known = tests()
    for row in re.findall(r"^\|(.*)\|$", text, re.M):
        last = row.split("|")[-1].strip()
        if last == "test" or not last.strip("-"):
            continue
        named = re.findall(r"`([^`]+)`", last)
        if not named:
            yield f"has a row without a test: {row.strip()[:60]}"
        for name in named:
            if name not in known:
                yield f"names the test {name}, which does not exist"


def check_settings(text):
    """Comments have the test of a setting in angle brackets: its name, its suite, or a benchmark."""
    known = tests()
    known |= {name.partition(".")[0] for name in known}
    comments = " ".join(re.findall(r"//(.*)", text))
    named = re.findall(r"<([a-z][^<>]*)>", comments)
    if not named:
        yield "names no tests"
    for name in named:
        word = name.removeprefix("swarm ")
        if not name.startswith("bench ") and not known & {word, f"swarm_settings.{word}"}:
            yield f"names the test {name}, which does not exist"


def numbers(text):
    """Those that are figures: not in links, not in names such as x86_64."""
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return set(re.findall(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w-]*[A-Za-z_])", text))


def check_figures(text):
    known = set().union(*(numbers((ROOT / "docs" / page).read_text()) for page in FIGURES))
    for number in sorted(numbers(text) - known):
        yield f"has the figure {number}, which is in none of {', '.join(FIGURES)}"


def check_pages(text):
    for page in ROOT.glob("docs/*.md"):
        if f"(docs/{page.name})" not in text:
            yield f"does not link to docs/{page.name}"


def main():
    failed = False
    for document in documents():
        text = document.read_text()
        faults = [*check_links(document, text), *check_paths(text)]
        if document.name in TABLES_OF_TESTS:
            faults += check_tests(text)
        if document.name == "tuning.md":
            faults += check_figures(text)
        if document == ROOT / "README.md":
            faults += check_figures(re.search(r"^## Measured\n(.*?)^## ", text, re.M | re.S)[1])
            faults += check_pages(text)
        for fault in faults:
            failed = True
            print(f"{document.relative_to(ROOT)} {fault}")
    for fault in check_settings(SETTINGS.read_text()):
        failed = True
        print(f"{SETTINGS.relative_to(ROOT)} {fault}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
