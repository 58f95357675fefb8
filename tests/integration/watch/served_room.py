# SPDX-License-Identifier: BSD-3-Clause
"""A room in a folder, and the `rawswarm serve` that serves it. Wants a network of its own: it takes the usual ports."""

import http.client
import json
import os
import pathlib
import subprocess
import urllib.parse

from beacons import wait_until

HERE = "127.0.0.1"
ELSEWHERE = "192.0.2.1"  # an address of this machine: who asks there comes from there, not from loopback


def mac_of(number):
    return f"52:54:00:00:00:{number:02x}"


def set_up_network():
    """Loopback, an address that is none, and a wire whose other end is heard."""
    for words in ("link set lo up", "link add wire type veth peer name end", "link set wire up", "link set end up",
                  f"addr add {ELSEWHERE}/24 dev wire"):
        subprocess.run(["ip", *words.split()], check=True)


def make_room(folder, machines=24):
    """Two images; machines pc-01 and so on in two rows, of which room.json has an image for the first."""
    room = pathlib.Path(folder, "room")
    images = room / "images"
    images.mkdir(parents=True)
    (room / "boot").mkdir()
    for name in ("debian-12", "win11"):
        (images / name).write_bytes(os.urandom(4 << 20))
        subprocess.run([os.environ["RAWSWARM"], "create", images / name, "-o", images / f"{name}.torrent"], check=True,
                       capture_output=True)
    names = [f"pc-{number:02}" for number in range(1, machines + 1)]
    half = machines // 2
    (room / "room.json").write_text(json.dumps({
        "version": 1, "name": "lab-3",
        "groups": {"row-1": {"machines": names[:half], "image": "debian-12"}, "row-2": {"machines": names[half:]}},
        "machines": {name: {"mac": mac_of(number)} for number, name in enumerate(names, 1)}}, indent=1))
    return room


class Served:
    """By default with a socket beside the room; none: at the usual place."""

    def __init__(self, room, *options, socket="room.sock"):
        place = ("--socket", room.parent / socket) if socket else ()
        self.errors = open(room.parent / "errors", "w+", encoding="utf-8")
        self.process = subprocess.Popen([os.environ["RAWSWARM"], "serve", room, *place, *options],
                                        stdout=self.errors, stderr=self.errors)
        wait_until("the server listens", self._listens, 20)
        self.token = (room / "state" / "token").read_text().strip()

    def _listens(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the server ended with {self.process.returncode}: {self.said()}")
        try:
            return self.ask("/api/orders")[0] == 200
        except OSError:
            return False

    def said(self):
        self.errors.flush()
        return pathlib.Path(self.errors.name).read_text(encoding="utf-8")

    def ask(self, path, method="GET", at=HERE, body=None, **headers):
        """Status and content."""
        connection = http.client.HTTPConnection(at, 80, timeout=10)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def order(self, at=HERE, token=None, **order):
        headers = {"Content_Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        status, text = self.ask("/api/orders", "POST", at, json.dumps(order), **headers)
        return status, json.loads(text)

    def boot(self, mac, **more):
        """As a machine that starts: its iPXE script."""
        status, text = self.ask("/ipxe?" + urllib.parse.urlencode({"mac": mac, **more}))
        if status != 200:
            raise AssertionError(f"/ipxe for {mac}: {status} {text}")
        return text

    def machines(self):
        """By their names, without what passes by itself."""
        listed = json.loads(self.ask("/api/orders")[1])["machines"]
        return {m["name"]: {key: value for key, value in m.items() if key != "seen_at"} for m in listed}

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.errors.close()
