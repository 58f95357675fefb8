#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What a person asks of a room by the command line, and what the server answers."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile

from beacons import wait_until
from served_room import Served, mac_of, make_room, set_up_network

STRANGER = "52:54:00:99:00:01"


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def rawswarm(*words):
    return subprocess.run([os.environ["RAWSWARM"], *words], capture_output=True, text=True, timeout=30)


def expect(words, code, out=None, err=None):
    done = rawswarm(*words)
    check(done.returncode == code, f"{words}: {done.returncode} {done.stdout}{done.stderr}")
    check(out is None or done.stdout == out, f"{words}: {done.stdout}")
    check(err is None or done.stderr == f"rawswarm: {err}\n", f"{words}: {done.stderr}")
    return done.stdout


def see_nobody():
    for words in (("room",), ("room", "wake", "all")):
        expect(words, 7, "", "no rawswarm serve runs on this machine: none listens in /run/rawswarm")
    expect(("room", "--socket", "/run/none.sock"), 7, "", "asking the agent at /run/none.sock: No such file or directory")


def see_wrong_words():
    for words, why in ((("erase",), '"erase" is none of list, image, cancel, wake, forget, capture'),
                       (("image", "pc-01"), "room image: which image?"), (("wake",), "room wake: which machines?"),
                       (("wake", "pc-01", "--now"), "--now is for image and capture")):
        done = rawswarm("room", *words)
        check(done.returncode == 2 and why in done.stderr, f"{words}: {done.returncode} {done.stderr}")


def see_the_list(served):
    check("exit" in served.boot(STRANGER), "a machine that nobody named is imaged")
    lines = expect(("room",), 0).splitlines()
    check(lines[0] == "room lab-3; images: debian-12, win11", lines[0])
    check(lines[1].split() == ["MACHINE", "MAC", "GROUP", "NEXT", "HAS", "STATE", "WHEN", "ERROR"], lines[1])
    check(lines[2].split()[:6] == ["pc-01", mac_of(1), "row-1", "debian-12", "-", "ordered"], lines[2])
    check(lines[25].split()[:7] == ["pc-24", mac_of(24), "row-2", "own", "disk", "-", "own"], lines[25])
    check(lines[26].split()[:5] == [STRANGER, STRANGER, "(unknown)", "own", "disk"] and len(lines) == 27, lines[26])
    listed = json.loads(expect(("room", "list", "--json"), 0))
    check(listed["version"] == 1 and len(listed["machines"]) == 25, listed)


def give_orders(served):
    expect(("room", "image", "pc-24,pc-23", "win11"), 0, "win11 is ordered for pc-24, pc-23\n")
    check(served.machines()["pc-23"]["order"] == "win11", "not ordered")
    check("kernel" in served.boot(mac_of(23)), "the machine does not get what was ordered")
    answer = json.loads(expect(("room", "image", STRANGER, "win11", "--now", "--json"), 0))
    check(answer == {"version": 1, "order": "image", "machines": [STRANGER], "image": "win11", "networks": 2}, answer)
    expect(("room", "cancel", "row-2"), 0)
    check("order" not in served.machines()["pc-23"], "not taken back")
    expect(("room", "wake", "pc-24"), 0, "woken: pc-24\n")
    expect(("room", "capture", "pc-24", "golden"), 0, "golden will be captured from pc-24\n")
    check(served.machines()["pc-24"]["next"] == "capture", "no capture")
    expect(("room", "forget", "pc-24"), 0, "forgotten: pc-24\n")
    check(served.machines()["pc-24"]["next"] == "disk", "not forgotten")
    expect(("room", "forget", STRANGER), 0)
    check(STRANGER not in served.machines(), "not forgotten")


def see_errors(served):
    before = served.machines()
    for words, code, why in ((("image", "pc-01,pc-0l", "win11"), 2, 'did you mean "pc-01"?'),
                             (("image", "pc-01", "debain-12"), 2, 'did you mean "debian-12"?'),
                             (("image", "pc-01", "win12"), 2, 'did you mean "win11"?'),
                             (("capture", "pc-24", "win11"), 3, "there is an image of this name")):
        done = rawswarm("room", *words)
        check(done.returncode == code and why in done.stderr and done.stderr.count("\n") == 1,
              f"{words}: {done.returncode} {done.stderr}")
    check(served.machines() == before, "something was ordered")


def keep_orders_through_a_kill(served, room):
    expect(("room", "image", "pc-24", "win11"), 0)
    served.process.send_signal(signal.SIGKILL)
    served.process.wait(10)
    again = Served(room, socket=None)
    check(again.machines()["pc-24"]["order"] == "win11", "an order was lost")
    check(again.token == served.token, "another token")
    return again


def ask_the_server(served):
    text = expect(("status",), 0)
    check(text.startswith(f"process {served.process.pid}, room lab-3, up "), text)
    check("\n  machines: " in text and " ordered" in text and "\n  images: " in text and " of 2 open" in text, text)
    status = json.loads(expect(("status", "--json"), 0))["agents"][0]
    check(status["room"] == "lab-3" and status["state"] == "serving" and status["images"] == 2, status)
    check(sum(status["machines"].values()) == 24, status)
    check("swarm=debug" in expect(("log", "swarm=debug"), 0), "the levels are not changed")
    expect(("stop",), 0, f"process {served.process.pid} has ended with 0\n")
    check(served.process.wait(5) == 0, f"ended with {served.process.returncode}")
    expect(("status",), 7)


def find_the_server_beside_agents(served, room):
    """A seeder on the same machine is no server."""
    image = room / "images" / "win11"
    with subprocess.Popen([os.environ["RAWSWARM"], "seed", f"{image}.torrent", image, "--listen", "127.0.0.1:7001", "--no-lsd"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as seeder:
        try:
            wait_until("the seeder listens", lambda: pathlib.Path(f"/run/rawswarm/{seeder.pid}.sock").exists())
            expect(("room", "wake", "pc-24"), 0)
            expect(("room", "--socket", f"/run/rawswarm/{seeder.pid}.sock"), 3, "", f"asking the agent at /run/rawswarm/"
                   f"{seeder.pid}.sock: this agent has no room: rawswarm serve has")
        finally:
            seeder.terminate()


def find_the_server_beside_a_hanging_agent():
    """Process 1 is there, and its socket never answers; the server is found all the same."""
    with socket.socket(socket.AF_UNIX) as hanging:
        hanging.bind("/run/rawswarm/1.sock")
        hanging.listen()
        try:
            expect(("room", "wake", "pc-24"), 0)
        finally:
            pathlib.Path("/run/rawswarm/1.sock").unlink()


def find_the_server_of_the_service(folder):
    """systemd/rawswarm-serve.service: root's agents keep /run/rawswarm."""
    os.mkdir("/run/rawswarm-serve", 0o700)
    served = Served(make_room(folder), socket="/run/rawswarm-serve/serve.sock")
    try:
        expect(("room", "wake", "pc-24"), 0)
        check("room lab-3" in expect(("status",), 0), "the service's server is not found")
    finally:
        served.stop()


def main():
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "none", "/run"], check=True)
    set_up_network()
    see_nobody()
    see_wrong_words()
    with tempfile.TemporaryDirectory() as folder:
        room = make_room(folder)
        served = Served(room, socket=None)
        try:
            see_the_list(served)
            give_orders(served)
            see_errors(served)
            find_the_server_beside_agents(served, room)
            find_the_server_beside_a_hanging_agent()
            served = keep_orders_through_a_kill(served, room)
            ask_the_server(served)
        finally:
            if served.process.poll() is None:
                served.stop()
    with tempfile.TemporaryDirectory() as folder:
        find_the_server_of_the_service(folder)


if __name__ == "__main__":
    main()
