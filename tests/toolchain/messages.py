#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks that docs/troubleshooting.md explains every message of the program, and no other.

Texts are the formats that the sources give to the functions in CALLS, as errors and warnings of the log. In the first
column of the page's tables stand patterns in backquotes: "…" for what a format leaves open, "*" for any words, so that
a family of messages needs one entry. "…: " at the start may be missing in the text, which is then the reason in a
sentence that another function begins. Every text needs a pattern that means all of it, every pattern a text: of
these, or any other literal of the sources, such as a note of the report.

--list prints the texts that have none, for whoever writes the page.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "troubleshooting.md"
CALLS = r"(?:fail|fail_with|failed|failure|refuse|refused|refuse_value|refused_file|warn|error|critical)"
# A format with no words of its own passes on what other texts say.
WORDS = re.compile(r"[A-Za-z]{2}")
LEAST_TEXTS = 450
# What stands in a text for each part that its format leaves open.
OPEN = "\0"
LITERALS = re.compile(r'(?:"(?:\\.|[^"\\\n])*"\s*)+')


def sources():
    for folder in ("agent", "base", "storage"):
        for path in sorted((ROOT / folder).rglob("*.?pp")):
            # Comments go, strings stay: a // may be in one.
            yield path, re.sub(r'("(?:\\.|[^"\\\n])*")|//[^\n]*', lambda found: found[1] or "", path.read_text())


def arguments(source, begin):
    """The arguments of a call, from behind its parenthesis, split at the commas that divide them."""
    depth = 0
    parts = [""]
    for token in re.finditer(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'|.', source[begin:], re.S):
        text = token[0]
        if text in ")]}" and depth == 0:
            break
        depth += (text in "([{") - (text in ")]}")
        if text == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += text
    return parts


def literal(text):
    """The first string literal of an expression, with OPEN for what a format leaves open; adjacent ones are one."""
    found = LITERALS.search(text)
    return as_text("".join(re.findall(r'"((?:\\.|[^"\\\n])*)"', found[0]))) if found else ""


def as_text(quoted):
    text = re.sub(r"\{[^{}]*\}", OPEN, re.sub(r"\\(.)", r"\1", quoted))
    return text.replace("{{", "{").replace("}}", "}")


def called_texts(source):
    for call in re.finditer(rf"(?<!\w){CALLS}\(", source):
        parts = arguments(source, call.end())
        at = next((i for i, part in enumerate(parts) if literal(part)), None)
        if at is None:
            continue
        text = literal(parts[at])
        if not WORDS.search(text):
            # The words are handed over.
            yield from (literal(part) for part in parts[at + 1 :] if " " in literal(part))
        elif call[0] == "fail(" and at == 2:
            # A reason of the system follows.
            yield f"{text}: {OPEN}"
        else:
            yield text


def pattern_of(written):
    optional = written.startswith("…: ")
    expression = re.escape(written[3:] if optional else written)
    # Two open parts beside each other may be one on the page.
    expression = expression.replace("…", rf"{OPEN}(?:[^A-Za-z0-9]*{OPEN})*").replace(r"\*", ".*")
    return re.compile((f"(?:{OPEN}: )?" if optional else "") + expression, re.S)


def patterns():
    for row in re.findall(r"^\| (.*?) \|", PAGE.read_text(), re.M):
        for written in re.findall(r"`([^`]+)`", row):
            yield written, pattern_of(written)


def main():
    texts = {}
    literals = set()
    for path, source in sources():
        for text in called_texts(source):
            if WORDS.search(text):
                texts.setdefault(text, path.relative_to(ROOT))
        literals.update(as_text("".join(re.findall(r'"((?:\\.|[^"\\\n])*)"', one))) for one in LITERALS.findall(source))
    if len(texts) < LEAST_TEXTS:
        sys.exit(f"failed: only {len(texts)} messages were found in the sources")
    known = list(patterns())
    missing = {text: path for text, path in texts.items() if not any(one.fullmatch(text) for _, one in known)}
    for text, path in sorted(missing.items(), key=lambda item: (str(item[1]).split("/")[:2], item[0])):
        shown = text.replace(OPEN, "…")
        print(f"{path.parent.name}/{path.stem}\t{shown}" if "--list" in sys.argv[1:] else f"{PAGE.name} does not explain: {shown} ({path})")
    gone = [written for written, one in known if not any(map(one.fullmatch, {*texts, *literals}))]
    for written in gone:
        print(f"{PAGE.name} explains what the program does not say: {written}")
    if not missing and not gone:
        print(f"passed: {len(texts)} messages, {len(known)} patterns")
    return 1 if missing or gone else 0


if __name__ == "__main__":
    sys.exit(main())
