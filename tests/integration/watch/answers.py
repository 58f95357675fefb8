#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Answers of `rawswarm watch --http`: paths, headers, hosts, JSON, and what is refused at the start."""

import http.client
import json
import os
import pathlib
import re
import socket
import subprocess

from beacons import Machine, Watcher, wait_until

PAGE = pathlib.Path(__file__).resolve().parents[3] / "agent" / "watch" / "page"


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def ask(watcher, path, method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", watcher.http, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def see_the_files(watcher):
    """Each file of the page is served as it is in the repository, and the page names nothing else."""
    for file in PAGE.iterdir():
        status, headers, body = ask(watcher, f"/{file.name}")
        check(status == 200 and body == file.read_bytes(), f"{file.name}: {status}, {len(body)} bytes")
        check(headers["X-Content-Type-Options"] == "nosniff", file.name)
        if file.suffix == ".js":
            check(headers["Content-Type"].startswith("text/javascript"), headers["Content-Type"])
            for other in re.findall(r"from '\./([^']*)'", file.read_text()):
                check((PAGE / other).exists(), f"{file.name} imports {other}")
    status, headers, body = ask(watcher, "/")
    check(body == (PAGE / "index.html").read_bytes(), "/ is not the page")
    policy = headers["Content-Security-Policy"]
    check("default-src 'none'" in policy and "script-src 'self';" in policy, policy)
    check("unsafe" not in policy and "http" not in policy and "*" not in policy, policy)
    check(headers["Cache-Control"] == "no-store", headers)


def see_refusals(watcher):
    for path in ("/nothing", "/../../etc/passwd", "/api/machines/", "/api/machines/0", "/api/machines/x", "//", "/page", "/api/orders"):
        check(ask(watcher, path)[0] == 404, path)
    for method in ("POST", "PUT", "DELETE"):
        check(ask(watcher, "/api/room", method)[0] == 405, method)
    check(ask(watcher, "/api/orders", "POST")[0] == 405, "the watcher takes orders")
    for host in ("attacker.example", "192.0.2.1", f"attacker.example:{watcher.http}"):
        status, _, body = ask(watcher, "/api/room", Host=host)
        check(status == 421 and b"--http-name" in body, f"{host}: {status} {body}")
    for host in ("localhost", f"localhost:{watcher.http}", "[::1]", os.uname().nodename, "rooms.example", "198.51.100.7"):
        check(ask(watcher, "/api/room", Host=host)[0] == 200, host)


def see_a_machine(watcher):
    machine = Machine(1, watcher.port)
    machine.send("planning")
    machine.send("downloading", done=1 << 30, down=1 << 20)

    def heard():
        machines = json.loads(ask(watcher, "/api/room")[2])["machines"]
        return machines and machines[0]["state"] == "downloading" and machines[0]
    overview = wait_until("the machine", heard)
    check(overview["percent"] == 2.0 and overview["host"] == "pc-001", overview)
    detail = json.loads(ask(watcher, f"/api/machines/{overview['id']}")[2])
    check([phase["state"] for phase in detail["phases"]] == ["planning", "downloading"], detail["phases"])
    check(detail["targets"][0]["device"] == "/dev/nvme0n1", detail["targets"])


def see_events(watcher):
    connection = http.client.HTTPConnection("127.0.0.1", watcher.http, timeout=10)
    connection.request("GET", "/events")
    answer = connection.getresponse()
    check(answer.getheader("Content-Type") == "text/event-stream", answer.getheaders())
    text = b""
    while text.count(b"\n\n") < 3:
        text += answer.read1(65536)
    events = [json.loads(data) for data in re.findall(rb"^data: (.*)$", text, re.M)]
    check(text.startswith(b"retry: ") and events[0]["all"] and len(events[0]["machines"]) == 1, events[0])
    check(not events[1]["all"] and events[1]["machines"] == [] and events[2]["time"] > events[1]["time"], events[1])
    connection.close()


def see_the_end():
    """The last event has the machine that ended the wait."""
    watcher = Watcher("--expect", "1")
    connection = http.client.HTTPConnection("127.0.0.1", watcher.http, timeout=10)
    connection.request("GET", "/events")
    answer = connection.getresponse()
    text = answer.read1(65536)
    machine = Machine(1, watcher.port)
    machine.send("downloading")
    machine.send("done", done=50 << 30)
    while part := answer.read1(65536):
        text += part
    last = json.loads(re.findall(rb"^data: (.*)$", text, re.M)[-1])
    check(last["states"] == {"done": 1}, last)
    check(watcher.process.wait(10) == 0, f"ended with {watcher.process.returncode}")
    watcher.process.stderr.close()


def see_starts_refused(watcher):
    def start(*options):
        done = subprocess.run([os.environ["RAWSWARM"], "watch", "--listen", "127.0.0.1:0", *options],
                              capture_output=True, text=True, timeout=20)
        return done.returncode, done.stderr
    for code, word, options in (
            (7, "Address already in use", ("--http", f"127.0.0.1:{watcher.http}")),
            (2, "nowhere", ("--http", "nowhere")),
            (2, "requires --http", ("--http-name", "rooms.example")),
            (2, "a b", ("--http", ":0", "--http-name", "a b")),
            (2, ".prom", ("--prometheus", "/tmp/rawswarm.txt")),
            (4, "/nonexistent", ("--prometheus", "/nonexistent/a.prom"))):
        found, text = start(*options)
        check(found == code and word in text, f"{options}: {found} {text}")


def survive_a_crowd(watcher):
    """Clients that say nothing do not keep others out."""
    crowd = [socket.create_connection(("127.0.0.1", watcher.http)) for _ in range(200)]
    check(ask(watcher, "/metrics")[0] == 200, "no answer in a crowd")
    for client in crowd:
        client.close()


def main():
    watcher = Watcher("--http-name", "rooms.example", "--http-name", "198.51.100.7", silence=60)
    try:
        see_the_files(watcher)
        see_refusals(watcher)
        see_a_machine(watcher)
        see_events(watcher)
        see_starts_refused(watcher)
        survive_a_crowd(watcher)
    finally:
        watcher.stop()
    see_the_end()
    check(watcher.process.returncode == 143, f"ended with {watcher.process.returncode}")


if __name__ == "__main__":
    main()
