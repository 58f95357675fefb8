#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks what a shell, which the command line names, completes for rawswarm ($RAWSWARM).

The real shell is asked: bash and zsh on a terminal, with the key that inserts all completions, behind which a function
of the name of the program is given them as its arguments; fish by its own `complete -C`. Every command must be offered,
every option of each (as --help lists them), and the values that each option takes.
"""

import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile

RAWSWARM = os.environ["RAWSWARM"]
SECONDS = 30  # for one answer, hundreds of times what it takes
LEVELS = {"trace", "debug", "info", "warn", "error", "critical", "off"}
COMPONENTS = {f"{name}=debug" for name in ("agent", "swarm", "storage", "beacon", "fetch")}

# Options with values that can be listed; the same wherever a command has them, but for seed's --verify.
WORDS = {
    "--role": {"image", "seed"},
    "--existing": {"discard", "verify"},
    "--verify": {"none", "readback"},
    "--on-success": {"continue", "reboot", "poweroff"},
    "--on-failure": {"shell", "continue", "reboot", "poweroff"},
    "--memory": {"auto"},
    "--tracker": {"torrent"},
    "--dnsmasq": {"proxy", "full"},
    "--map": {"auto", "partclone:", "bmap:"},
    "--log": LEVELS | COMPONENTS,
}
# The files that are in the folder of the test, by their ends; a folder is offered wherever a path is.
FILES = {
    "--torrent": {"some.torrent", "with space.torrent", "folder"},
    "--output": {"some.torrent", "with space.torrent", "folder"},
    "-o": {"some.torrent", "with space.torrent", "folder"},
    "--job": {"job.json", "folder"},
}
ANY_FILE = {"some.torrent", "with space.torrent", "job.json", "image.zst", "folder"}
ANY_FILE_OPTIONS = {"--key", "--socket", "--cmdline", "--kmsg", "--key-file", "--record", "--replay", "--prometheus"}
DEVICE_OPTIONS = {"--device"}
INTERFACE_OPTIONS = {"--interface"}
# Texts that nobody can know.
TEXT_OPTIONS = {
    "--name", "--peer", "--listen", "--beacon", "--seed-seconds", "--web-seed", "--piece-size", "--threads", "--group",
    "--speed", "--expect", "--timeout", "--silence", "--serial-number", "--http", "--http-name", "--seed-listen", "--beacons", "--dhcp-range",
}
# A disk that no machine has, with what a shell gives a meaning to.
ODD_PATH = "/dev/odd0"
ODD_SELECTOR = '{"model":"It\'s $odd  \\"disk\\""}'


def output(*arguments):
    return subprocess.run([RAWSWARM, *arguments], check=True, capture_output=True, text=True).stdout


def commands():
    return re.findall(r"^  ([a-z]+) ", output("--help").partition("Subcommands:")[2], re.M)


def options(command):
    """The options of a command, and whether each takes a value."""
    found = {}
    for short, name, value in re.findall(r"^  (-\w,)?(--[a-z-]+)( [A-Za-z{].*?)?(?:  |$)", output(command, "--help"), re.M):
        takes = bool(value) and not re.match(r" (?:Needs|Excludes):", value)
        found[name] = takes
        if short:
            found[short[:-1]] = takes
    return found


def devices():
    """What is to be offered for a device on this machine: paths, and selectors."""
    listed = output("devices").splitlines()
    selectors = {line.strip() for line in listed if line.startswith("        {")}
    paths = {line.split()[0] for line in listed if line.lstrip().startswith("/dev/")}
    return paths | {ODD_PATH}, selectors | {ODD_SELECTOR}


class Terminal:
    """A shell that reads its commands from a terminal."""

    def __init__(self, folder, arguments, setup, key):
        self.key = key
        self.record = folder / "record"
        os.mkfifo(self.record)
        self.fifo = os.open(self.record, os.O_RDWR | os.O_NONBLOCK)
        self.buffer = b""
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.chdir(folder / "files")
            os.environ.update(TERM="dumb", HOME=str(folder), PATH=f"{folder}/bin:{os.environ['PATH']}", LC_ALL="C.UTF-8")
            os.environ.pop("PROMPT_COMMAND", None)
            os.execvp(arguments[0], arguments)
        self.type(f". {setup}; ready\n")
        self.answer()

    def type(self, text):
        os.write(self.terminal, text.encode())

    def answer(self):
        said = b""
        while b"\1" not in self.buffer:
            ready, _, _ = select.select([self.fifo, self.terminal], [], [], SECONDS)
            if not ready:
                sys.exit(f"no answer; the terminal has: {said.decode(errors='replace')}")
            if self.terminal in ready:
                said += os.read(self.terminal, 65536)
            if self.fifo in ready:
                self.buffer += os.read(self.fifo, 65536)
        record, _, self.buffer = self.buffer.partition(b"\1")
        return [word.decode() for word in record.split(b"\0")[:-1]]

    def complete(self, line, begun):
        self.type(f"rawswarm {line} {begun}{self.key}\n")
        words = self.answer()[len(line.split()):]
        return set() if words == [begun] else set(words)


class Bash(Terminal):
    def __init__(self, folder):
        (folder / "rc").write_text(f"""
PS1='' PS2=''
bind 'set enable-bracketed-paste off'
. {folder}/script
ready() {{ printf '\\1' >{folder}/record; }}
rawswarm() {{ {{ [[ $# -eq 0 ]] || printf '%s\\0' "$@"; printf '\\1'; }} >{folder}/record; }}
""")
        super().__init__(folder, ["bash", "--norc", "--noprofile", "-i"], folder / "rc", "\033*")


class Zsh(Terminal):
    def __init__(self, folder):
        (folder / "functions").mkdir()
        shutil.copy(folder / "script", folder / "functions" / "_rawswarm")
        (folder / "rc").write_text(f"""
PROMPT='' PROMPT2=''
unset zle_bracketed_paste
fpath=({folder}/functions $fpath)
autoload -Uz compinit && compinit -u -d {folder}/dump
insert_all() {{ _main_complete; compstate[insert]=all; compstate[list]=''; }}
zle -C insert-all complete-word insert_all
bindkey -e
bindkey '^G' insert-all
ready() {{ printf '\\1' >{folder}/record; }}
rawswarm() {{ {{ [[ $# -eq 0 ]] || printf '%s\\0' "$@"; printf '\\1'; }} >{folder}/record; }}
""")
        super().__init__(folder, ["zsh", "-f", "-i"], folder / "rc", "\007")


class Fish:
    def __init__(self, folder):
        self.folder = folder

    def complete(self, line, begun):
        script = f"source {self.folder}/script; complete -C $argv[1]"
        environment = dict(os.environ, HOME=str(self.folder), PATH=f"{self.folder}/bin:{os.environ['PATH']}", LC_ALL="C.UTF-8")
        ended = subprocess.run(
            ["fish", "--no-config", "-c", script, f"rawswarm {line} {begun}"],
            check=True, capture_output=True, text=True, cwd=self.folder / "files", env=environment,
        )
        if ended.stderr:
            sys.exit(ended.stderr)
        return {entry.partition("\t")[0] for entry in ended.stdout.splitlines()}


class Check:
    def __init__(self, shell):
        self.shell = shell
        self.failed = False
        self.count = 0

    def offered(self, line, begun=""):
        self.count += 1
        return {word.rstrip("/=") if len(word) > 1 else word for word in self.shell.complete(line, begun)}

    def expect(self, line, begun, expected):
        found = self.offered(line, begun)
        expected = {word.rstrip("/=") for word in expected}
        if expected != found:
            self.failed = True
            print(f"rawswarm {line} {begun}: missing {sorted(expected - found)}, not meant {sorted(found - expected)}")


def check_options(check, command, known):
    check.expect(command, "--", {name for name in known if name.startswith("--")})
    for name, takes in known.items():
        # A shell offers more options, or the command's arguments, behind a flag.
        if not takes:
            continue
        if (command, name) == ("create", "--tracker"):
            check.expect(f"{command} {name}", "", set())  # no word: it is written into the torrent
        elif name in WORDS:
            check.expect(f"{command} {name}", "", WORDS[name])
        elif name in FILES:
            check.expect(f"{command} {name}", "", FILES[name])
        elif name in DEVICE_OPTIONS:
            check.expect(f"{command} {name}", "", set.union(*devices()))
        elif name in INTERFACE_OPTIONS:
            check.expect(f"{command} {name}", "", set(os.listdir("/sys/class/net")))
        elif name in ANY_FILE_OPTIONS:
            check.expect(f"{command} {name}", "", ANY_FILE)
        elif name in TEXT_OPTIONS:
            check.expect(f"{command} {name}", "", set())
        else:
            check.failed = True
            print(f"{command} {name}: this test does not know what is to be offered")


def main():
    name = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for made in ("bin", "files", "files/folder"):
            (folder / made).mkdir()
        for file in ANY_FILE - {"folder"}:
            (folder / "files" / file).touch()
        (folder / "files" / "folder" / "inner.torrent").touch()
        program = folder / "bin" / "rawswarm"
        odd = f"{ODD_PATH}  8 MiB\n        {ODD_SELECTOR}\n"
        (folder / "odd").write_text(odd)
        program.write_text(f'#!/bin/sh\n"{RAWSWARM}" "$@" || exit\n[ "$1" != devices ] || cat "{folder}/odd"\n')
        program.chmod(0o755)
        (folder / "script").write_text(output("help", "--completion", name))
        check = Check({"bash": Bash, "zsh": Zsh, "fish": Fish}[name](folder))

        known = commands()
        check.expect("", "", set(known) | (set() if name == "fish" else {"-h", "--help", "--version", "--licenses"}))
        check.expect("", "--", {"--help", "--version", "--licenses"})
        check.expect("", "wa", {"watch"})
        for command in known:
            check_options(check, command, options(command))
        # Arguments, in their order; options and their values are none.
        check.expect("run", "", {"job.json", "folder"})
        check.expect("run --log info --json", "", {"job.json", "folder"})
        # zsh offers options where no argument is due.
        check.expect("run job.json", "", set(options("run")) if name == "zsh" else set())
        check.expect("seed", "", {"some.torrent", "with space.torrent", "folder"})
        check.expect("seed --name some some.torrent", "", ANY_FILE | devices()[0])
        check.expect("serve", "", {"folder"})
        check.expect("info", "im", {"image.zst"})
        check.expect("room", "", {"list", "image", "cancel", "wake", "forget", "capture"})
        check.expect("log", "", LEVELS | COMPONENTS)
        check.expect("run --torrent", "so", {"some.torrent"})
        check.expect("run --torrent", "folder/", {"folder/inner.torrent"})
        check.expect("run --device", "/dev/od", {ODD_PATH})
        if name == "bash":
            check.expect("run --device", "'{\"model\":\"It", {ODD_SELECTOR})
            # The map has ended: what is next is the source.
            check.expect("create --map partclone:", "", ANY_FILE | devices()[0])
        check.expect("create --map", "bmap:im", {"bmap:image.zst"})
        check.expect("no-such-command", "", set())
    print(f"{name}: {check.count} lines completed")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
