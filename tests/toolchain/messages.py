#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks that docs/troubleshooting.md explains every message of the program, and no other.

Texts are the formats that the sources give to the functions in CALLS and to errors in braces, as errors and as warnings
of the log. In the first
column of the page's tables stand patterns in backquotes: "…" for what a format leaves open, "*" for any words, so that
a family of messages needs one entry. "…: " at the start may be missing in the text, which is then the reason in a
sentence that another function begins. Every text needs a pattern that means all of it, every pattern a text: of
these, or any other literal of the sources, such as a note of the report.

Where a section says "Exit code N", a sentence of its tables that begins with what was being done is a failure of
that kind, or of one that its row has in parentheses, unless the row is about a warning.

--list prints the texts that have none, for whoever writes the page.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "troubleshooting.md"
CALLS = r"(?:fail|fail_with|failed|failure|refuse|refused|refuse_value|refused_file|warn|error|critical|log)"
# A format with no words of its own passes on what other texts say.
WORDS = re.compile(r"[A-Za-z]{2}")
LEAST_TEXTS = 450
# What stands in a text for each part that its format leaves open.
OPEN = "\0"
KINDS = {"internal": 1, "usage": 2, "refused": 3, "target": 4, "device": 5, "verification": 6, "network": 7}
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
    """The texts, each with the exit code that the call gives it, or None."""
    for call in re.finditer(rf"(?<!\w){CALLS}\(|\{{(?=fault::)", source):
        parts = arguments(source, call.end())
        at = next((i for i, part in enumerate(parts) if literal(part)), None)
        if at is None:
            continue
        if call[0] == "log(" and not re.search(r"level::(?:warn|err|critical)", parts[0]):
            continue
        text = literal(parts[at])
        if not WORDS.search(text):
            # The words are handed over.
            yield from ((literal(part), None) for part in parts[at + 1 :] if " " in literal(part))
            continue
        kind = re.fullmatch(r"fault::(\w+)", parts[0].strip())
        if call[0] == "fail(" and at == 2:
            # A reason of the system follows.
            text += f": {OPEN}"
        elif text.endswith(": "):
            # The reason is appended elsewhere.
            text += OPEN
        yield text, KINDS[kind[1]] if kind else None


def pattern_of(written):
    optional = written.startswith("…: ")
    expression = re.escape(written[3:] if optional else written)
    # Two open parts beside each other may be one on the page.
    expression = expression.replace("…", rf"{OPEN}(?:[^A-Za-z0-9]*{OPEN})*").replace(r"\*", ".*")
    return re.compile((f"(?:{OPEN}: )?" if optional else "") + expression, re.S)


class Entry:
    """A pattern of the page, and the exit codes that its row and its section know; None where they say nothing."""

    def __init__(self, written, row, section):
        self.written = written
        self.pattern = pattern_of(written)
        of_section = re.search(r"Exit code (\d)(?:[^|]*, (\d))?", section.partition("\n|")[0])
        self.codes = None
        if of_section and "warning" not in row:
            self.codes = {int(code) for code in [*of_section.groups(), *re.findall(r"\((\d)\b", row)] if code}


def entries():
    for section in re.split(r"^## ", PAGE.read_text(), flags=re.M):
        for first, row in re.findall(r"^\| (.*?) \| (.*) \|$", section, re.M):
            for written in re.findall(r"`([^`]+)`", first):
                yield Entry(written, row, section)


def wrong_code(text, code, meant):
    """Whether every entry that means the text says another exit code."""
    is_sentence = re.match(r"\w+ing ", text)
    return code and is_sentence and all(one.codes is not None and code not in one.codes for one in meant)


def main():
    texts = {}
    literals = set()
    codes = set()
    for path, source in sources():
        for text, code in called_texts(source):
            if WORDS.search(text):
                texts.setdefault(text, path.relative_to(ROOT))
                codes.add((text, code))
        literals.update(as_text("".join(re.findall(r'"((?:\\.|[^"\\\n])*)"', one))) for one in LITERALS.findall(source))
    if len(texts) < LEAST_TEXTS:
        sys.exit(f"failed: only {len(texts)} messages were found in the sources")
    known = list(entries())
    meant = {text: [one for one in known if one.pattern.fullmatch(text)] for text in texts}
    missing = {text: path for text, path in texts.items() if not meant[text]}
    for text, path in sorted(missing.items(), key=lambda item: (str(item[1]).split("/")[:2], item[0])):
        shown = text.replace(OPEN, "…")
        if "--list" in sys.argv[1:]:
            print(f"{path.parent.name}/{path.stem}\t{shown}")
        else:
            print(f"{PAGE.name} does not explain: {shown} ({path})")
    gone = [one.written for one in known if not any(map(one.pattern.fullmatch, {*texts, *literals}))]
    for written in gone:
        print(f"{PAGE.name} explains what the program does not say: {written}")
    other = [(text, code) for text, code in codes if meant[text] and wrong_code(text, code, meant[text])]
    for text, code in sorted(other):
        shown = text.replace(OPEN, "…")
        print(f"{PAGE.name} gives another exit code than {code} to: {shown} ({texts[text]})")
    if missing or gone or other:
        return 1
    print(f"passed: {len(texts)} messages, {len(known)} patterns")
    return 0


if __name__ == "__main__":
    sys.exit(main())
