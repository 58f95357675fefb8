# SPDX-License-Identifier: BSD-3-Clause
"""Beacons of machines that are not there, and the watcher that hears them."""

import json
import os
import re
import socket
import subprocess
import time
import urllib.request

GIB = 1 << 30


class Machine:
    """One agent. send() tells its state; keywords replace keys of its target."""

    def __init__(self, number, port, host=None, agent=None, job="lab-3"):
        self.host = host if host is not None else f"pc-{number:03}"
        self.agent = agent if agent is not None else f"52:54:00:00:{number >> 8:02x}:{number & 255:02x}"
        self.job = job
        self.run = f"{number:032x}"
        self.seq = 0
        self.began = time.monotonic()
        self.port = port
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def restart(self):
        self.run = f"{int(self.run, 16) + (1 << 64):032x}"
        self.began = time.monotonic()

    def send(self, state, error=None, **target):
        self.seq += 1
        beacon = {
            "rawswarm": 1, "job": self.job, "agent": self.agent, "host": self.host, "run": self.run,
            "seq": self.seq, "uptime_ms": int((time.monotonic() - self.began) * 1000), "state": state,
            "targets": [{
                "device": "/dev/nvme0n1", "info_hash": "9f" * 20, "state": state, "total": 50 * GIB, "done": 0,
                "written": 0, "synced": 0, "down": 0, "up": 0, "peers": 0, **target}],
            "storage": {"pool": 0.41, "cache_hit": 0.93, "blocks_per_write": 58.2, "dirty": 0.2, "p50_ms": 12,
                        "p99_ms": 46, "stopped_ms": 1500, "read_back": 0},
        }
        if error:
            beacon["error"] = error
        self.socket.sendto(json.dumps(beacon).encode(), ("127.0.0.1", self.port))


class Watcher:
    """`rawswarm watch --http` on loopback. Ports that it is given are used, else free ones."""

    def __init__(self, *options, beacons=0, http=0, silence=3):
        self.port = beacons or free_udp_port()
        self.process = subprocess.Popen(
            [os.environ["RAWSWARM"], "watch", "--listen", f"127.0.0.1:{self.port}", "--http", f"127.0.0.1:{http}",
             "--silence", str(silence), *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.url = None
        for line in self.process.stderr:
            found = re.search(r"shown at (http://\S+)", line)
            if found:
                self.url = found[1]
                break
        if not self.url:
            raise RuntimeError(f"the watcher did not start, and ended with {self.process.wait()}")
        self.http = int(re.search(r":(\d+)/", self.url)[1])

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return answer.read().decode()

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stderr.close()


def free_udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def free_tcp_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, condition, seconds=10):
    """The first true value of condition(); an error that names `what` if there is none in time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} seconds: {what}")
        time.sleep(0.1)
