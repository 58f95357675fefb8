#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The page in Chromium, with beacons of machines and one real agent: page.py FOLDER leaves pictures there."""

import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

from beacons import GIB, Machine, Watcher, wait_until
from webdriver import Browser

HOSTILE = "<img src=x onerror=alert(1)>"
TILES = "return [...document.querySelectorAll('.tile')].map(t => [t.getAttribute('aria-label'), t.dataset.state])"


class Room(threading.Thread):
    """Machines that send what they were told last, twice a second."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.machines = {number: Machine(number, port, host=f"lab3-pc-{number:03}") for number in range(1, 201)}
        self.machines[10].host = HOSTILE
        self.said = {number: ("planning", {}) for number in self.machines}
        self.quiet = set()
        self.lock = threading.Lock()

    def say(self, number, state, **target):
        with self.lock:
            self.said[number] = (state, target)

    def reverse(self):
        """From now on machines are heard in the opposite order."""
        with self.lock:
            self.said = dict(reversed(self.said.items()))

    def run(self):
        while True:
            with self.lock:
                said = list(self.said.items())
            for number, (state, target) in said:
                if number not in self.quiet:
                    self.machines[number].send(state, **target)
            time.sleep(0.5)


def fill(room):
    for number in range(1, 201):
        share = (number * 37 % 101) / 100
        room.say(number, "downloading", done=int(50 * GIB * share), written=int(48 * GIB * share), peers=12,
                 down=(60 + number % 40) << 20, up=(30 + number % 50) << 20, eta_s=int(400 * (1 - share)))
    for number in range(60, 100):
        room.say(number, "done", done=50 * GIB, written=50 * GIB, synced=50 * GIB)
    for number in range(100, 110):
        room.say(number, "verifying", done=20 * GIB, written=50 * GIB, synced=50 * GIB)
    room.say(1, "seeding", done=50 * GIB, up=110 << 20, peers=24)
    room.say(10, "failed", done=3 * GIB, error={"code": 5, "text": f"writing {HOSTILE} at 0x1f400000: Input/output error"})
    room.say(33, "downloading", done=GIB, note="no peers: connecting to 10.0.0.1:6881: Connection refused")


class Page:
    def __init__(self, browser, room):
        self.browser = browser
        self.room = room

    def text(self, selector):
        return self.browser.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def focused(self):
        return self.browser.run("const e = document.activeElement; return e.getAttribute('aria-label') || e.innerText || e.id")

    def states(self):
        return dict(self.browser.run(TILES))

    def tile(self, name):
        return next((label for label in self.states() if label.startswith(name + ",")), "")


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def see_the_room(page, browser, pictures):
    wait_until("200 tiles", lambda: len(page.states()) == 200)
    wait_until("a chart", lambda: "GiB/s" in page.text("#room-chart figcaption"), 15)
    check(page.text("#link") == "Live", page.text("#link"))
    check("74%" in page.tile("lab3-pc-002"), page.tile("lab3-pc-002"))
    check(page.text("#figure-done") == "40 of 200", page.text("#figure-done"))
    check(page.text("#figure-trouble") == "1 failed", page.text("#figure-trouble"))
    check("no peers" in page.tile("lab3-pc-033"), "what holds a machine up is not told")
    bottom, height, wide, width = browser.run(
        "const last = [...document.querySelectorAll('.tile')].at(-1).getBoundingClientRect();"
        "return [last.bottom, innerHeight, document.documentElement.scrollWidth, innerWidth]")
    check(bottom <= height and wide <= width, "200 machines are not seen without scrolling")
    browser.photograph(pictures / "desktop.png")


def see_no_markup_from_the_network(page, browser):
    check(page.tile(HOSTILE), "the hostile name is not shown as it is")
    check(browser.run("return document.querySelectorAll('img, [onerror]').length") == 0, "a name became markup")


def see_changes(page):
    page.room.say(2, "done", done=50 * GIB)
    wait_until("another state", lambda: page.tile("lab3-pc-002") == "lab3-pc-002, done", 5)
    page.room.quiet = {3}
    wait_until("a silent machine", lambda: "silent, last heard" in page.tile("lab3-pc-003"), 10)
    check(page.text("#figure-trouble") == "1 failed, 1 silent", page.text("#figure-trouble"))
    page.room.quiet = set()
    wait_until("the machine is heard again", lambda: "downloading" in page.tile("lab3-pc-003"), 5)


def use_the_keyboard(page, browser, pictures):
    browser.run("document.activeElement.blur(); document.querySelector('h1').scrollIntoView()")
    browser.press("Tab")
    check(page.focused() == "Skip to the machines", page.focused())
    browser.press("Enter", "Tab")
    check(page.focused().startswith(HOSTILE), f"the first tile has the focus: {page.focused()}")
    browser.press("End")
    check(page.focused().startswith("lab3-pc-200"), page.focused())
    browser.press("Home", "ArrowRight", "ArrowRight")
    check(page.focused().startswith("lab3-pc-002"), page.focused())
    columns = browser.run("return getComputedStyle(document.querySelector('#grid')).gridTemplateColumns.split(' ').length")
    below = list(page.states())[2 + columns].split(",")[0]
    browser.press("ArrowDown", "ArrowUp", "ArrowDown")
    check(page.focused().startswith(below), page.focused())
    outline = browser.run("const s = getComputedStyle(document.activeElement); return [s.outlineStyle, parseFloat(s.outlineWidth)]")
    check(outline[0] == "solid" and outline[1] >= 2, f"the focus is not visible: {outline}")
    time.sleep(1.5)
    check(page.focused().startswith(below), "the focus does not stay while the room changes")
    browser.press("Home", "Enter")
    wait_until("the detail", lambda: "Phases" in page.text("#detail"))
    check(page.focused() == HOSTILE, page.focused())
    detail = page.text("#detail")
    for part in ("Exit code 5: reading or writing a device failed", f"writing {HOSTILE} at", "Planning", "52:54:00:00:00:0a"):
        check(part in detail, f"the detail lacks {part}: {detail}")
    browser.photograph(pictures / "machine.png")
    browser.press("Escape")
    wait_until("the detail is closed", lambda: page.text("#detail") == "" or not browser.run("return document.querySelector('#detail').open"))
    check(page.focused().startswith(HOSTILE), f"the focus is not back: {page.focused()}")


def choose_and_sort(page, browser, pictures):
    browser.click(".chip[data-state=failed]")
    check(len(page.states()) == 1, "the chip does not choose")
    browser.click(".chip[data-state=failed]")
    browser.run("const f = document.querySelector('#find'); f.value = 'pc-01'; f.dispatchEvent(new Event('input'))")
    check(len(page.states()) == 9, f"{len(page.states())} found")
    browser.run("const f = document.querySelector('#find'); f.value = ''; f.dispatchEvent(new Event('input'))")
    browser.run("const s = document.querySelector('#sort'); s.value = 'trouble'; s.dispatchEvent(new Event('change'))")
    check(list(page.states())[1].startswith("lab3-pc-033"), "trouble is not first")
    browser.click("#view")
    check(browser.run("return document.querySelectorAll('tbody tr').length") == 200, "the table lacks machines")
    browser.photograph(pictures / "table.png")
    check("sort=trouble" in browser.run("return location.hash"), "the address does not say what is shown")
    browser.click("#view")
    browser.run("const s = document.querySelector('#sort'); s.value = 'name'; s.dispatchEvent(new Event('change'))")


def hear_the_page(browser):
    tree = browser.accessible()
    roles = {}
    for role, name in tree:
        roles.setdefault(role, []).append(name)
    check("The room" in roles.get("heading", []), "no heading")
    check("200 machines" in roles["heading"] and "Overview" in roles["heading"], str(roles["heading"]))
    check("Show one state alone" in roles["list"] and "200 machines" in roles["list"], str(roles["list"]))
    check(len(roles["listitem"]) >= 200, "the machines are no list")
    check("lab3-pc-002, done" in roles["button"], "no button tells a machine and its state")
    check("Find a machine" in roles.get("searchbox", []), f"no name for the field: {roles.keys()}")
    check(any(name.startswith("Rates since") for name in roles.get("image", []) + roles.get("img", [])), "the chart is mute")
    check("status" in roles, "no status")
    check(all(name for name in roles["button"]), "a button has no name")
    live = browser.run("return [...document.querySelectorAll('[aria-live], [role=status]')].map(e => e.innerText.length)")
    check(len(live) == 2 and max(live) < 80, f"more than a summary is read out: {live}")


def see_no_complaints(browser, watcher):
    requested = browser.requested()
    outside = [url for url in requested if not url.startswith((watcher.url, "chrome:", "data:"))]
    check(not outside, f"requests to others: {outside}")
    check(not [url for url in requested if "order" in url], "the watcher, which only shows, was asked for orders")
    check(browser.run("return document.querySelectorAll('#order-view, #orders, #token, [data-order]').length") == 0,
          "the watcher's page has orders")
    check(not browser.console(), "messages on the console")


def survive_a_reconnect(page, browser, watcher):
    """The watcher goes, and comes back with other numbers for the same machines."""
    browser.click(".tile[aria-label^='lab3-pc-040,']")
    wait_until("the detail", lambda: "Phases" in page.text("#detail"))
    watcher.stop()
    wait_until("the loss is told", lambda: "Connection lost" in page.text("#link"))
    again = Watcher(beacons=watcher.port, http=watcher.http)
    page.room.reverse()
    wait_until("the page is live again", lambda: page.text("#link") == "Live" and len(page.states()) == 200, 15)
    page.room.say(40, "done", done=50 * GIB)
    wait_until("it goes on", lambda: page.tile("lab3-pc-040") == "lab3-pc-040, done", 5)
    wait_until("so does the detail", lambda: "Done" in page.text("#detail .now") and page.text("#detail-title") == "lab3-pc-040", 5)
    browser.press("Escape")
    return again


def see_a_real_agent(page, watcher):
    with tempfile.TemporaryDirectory() as folder:
        image = pathlib.Path(folder, "disk.img")
        image.write_bytes(os.urandom(8 << 20))
        torrent = pathlib.Path(folder, "disk.torrent")
        rawswarm = os.environ["RAWSWARM"]
        subprocess.run([rawswarm, "create", image, "-o", torrent], check=True, capture_output=True)
        with subprocess.Popen([rawswarm, "seed", torrent, image, "--listen", "127.0.0.1:0", "--no-lsd", "--name",
                               "real", "--beacon", f"127.0.0.1:{watcher.port}"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as seeder:
            try:
                name = os.uname().nodename
                wait_until("a real agent seeds", lambda: f"{name}, seeding" in page.tile(name), 20)
            finally:
                seeder.terminate()


def see_contrast(browser, scheme):
    """Colours of text and of shapes against what is below them (https://www.w3.org/TR/WCAG22/#contrast-minimum)."""
    colours = browser.run("const s = getComputedStyle(document.documentElement);"
                          "return Object.fromEntries(arguments[0].map(n => [n, s.getPropertyValue('--' + n).trim()]))",
                          ["ground", "panel", "ink", "faint", "control", "grey", "blue", "indigo", "purple", "teal", "green",
                           "red", "amber"])

    def light(name):
        digits = colours[name][1:]
        digits = digits if len(digits) == 6 else "".join(2 * d for d in digits)
        parts = [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]
        parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    for below in ("ground", "panel"):
        for name in colours.keys() - {"ground", "panel"}:
            one, other = sorted((light(name), light(below)))
            contrast = (other + 0.05) / (one + 0.05)
            least = 3 if name == "control" else 4.5
            check(contrast >= least, f"{scheme}: {name} on {below} has a contrast of {contrast:.1f}")


def use_a_phone(page, browser, pictures):
    browser.screen(390, 844, phone=True)
    wait_until("the tiles fit", lambda: browser.run("return document.documentElement.scrollWidth <= innerWidth"), 5)
    small = browser.run("return [...document.querySelectorAll('button, input, select')].filter(e => e.checkVisibility())"
                        ".map(e => e.getBoundingClientRect()).filter(b => b.width < 24 || b.height < 24).length")
    check(small == 0, f"{small} things are too small to be touched")
    browser.photograph(pictures / "phone.png")
    browser.click(".tile[data-state=failed]")
    wait_until("the detail", lambda: "Phases" in page.text("#detail"))
    check(browser.run("return document.querySelector('#detail').matches(':modal')"), "the detail is not over the page")
    browser.photograph(pictures / "phone-machine.png")
    browser.click("#detail .close")
    browser.screen(1440, 900, dark=True)
    time.sleep(0.3)
    ground = browser.run("return getComputedStyle(document.documentElement).backgroundColor")
    check(sum(int(part) for part in ground[4:-1].split(",")) < 120, f"not dark: {ground}")
    browser.photograph(pictures / "dark.png")
    see_contrast(browser, "dark")
    browser.screen(1440, 900)
    see_contrast(browser, "light")


def main():
    pictures = pathlib.Path(sys.argv[1])
    pictures.mkdir(exist_ok=True)
    watcher = Watcher()
    browser = Browser()
    try:
        browser.requested()
        browser.screen(1440, 900)
        browser.open(watcher.url)
        room = Room(watcher.port)
        page = Page(browser, room)
        room.start()
        wait_until("the machines", lambda: len(page.states()) == 200)
        fill(room)
        see_the_room(page, browser, pictures)
        see_no_markup_from_the_network(page, browser)
        see_changes(page)
        use_the_keyboard(page, browser, pictures)
        choose_and_sort(page, browser, pictures)
        hear_the_page(browser)
        use_a_phone(page, browser, pictures)
        see_no_complaints(browser, watcher)
        watcher = survive_a_reconnect(page, browser, watcher)
        see_a_real_agent(page, watcher)
        see_no_markup_from_the_network(page, browser)
    finally:
        browser.close()
        watcher.stop()


if __name__ == "__main__":
    main()
