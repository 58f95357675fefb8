#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks that the files and headings that the documents name exist.

Looked at are links to files and headings, and words in backquotes that begin with a folder of the tree
(`agent/job/plan.cpp`, or `agent/net/http_get` for a pair of files).
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
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


def main():
    failed = False
    for document in documents():
        text = document.read_text()
        for fault in [*check_links(document, text), *check_paths(text)]:
            failed = True
            print(f"{document.relative_to(ROOT)} {fault}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
