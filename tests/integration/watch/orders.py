#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The room's orders by HTTP and in Chromium: orders.py FOLDER leaves pictures there."""

import http.server
import json
import pathlib
import socket
import sys
import tempfile
import threading
import time

from beacons import Machine, wait_until
from served_room import ELSEWHERE, HERE, Served, mac_of, make_room, set_up_network
from webdriver import Browser

STRANGER = "52:54:00:99:00:01"
WRONG = "00000-00000-00000-00000"


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def unchanged(served, before, after_what):
    check(served.machines() == before, f"something changed {after_what}")


class Wire:
    """The other end of the network: what cards there would see."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind(("end", 0))
        self.socket.settimeout(5)

    def hears_wake(self, mac):
        packet = b"\xff" * 6 + bytes.fromhex(mac.replace(":", "")) * 16
        try:
            while packet not in self.socket.recv(2048):
                pass
        except TimeoutError:
            return False
        return True


def see_refusals(served):
    """From elsewhere nothing changes without the token, and from a page of others not even with it."""
    order = {"order": "image", "machines": "all", "image": "win11"}
    body = json.dumps(order)
    bearer = {"Authorization": f"Bearer {served.token}"}
    before = served.machines()
    check(served.order(ELSEWHERE, **order)[0] == 401, "an order without a token")
    check(served.order(ELSEWHERE, WRONG, **order)[0] == 401, "an order with a wrong token")
    for at, status, headers in (
            (HERE, 415, {}), (HERE, 415, {"Content_Type": "text/plain"}),
            (HERE, 403, {"Content_Type": "application/json", "Origin": "http://attacker.example"}),
            (HERE, 403, {"Content_Type": "application/json", "Origin": "null"}),
            (HERE, 401, {"Content_Type": "application/json", "X_Forwarded_For": "192.0.2.9"}),
            (HERE, 421, {"Content_Type": "application/json", "Host": "attacker.example"}),
            (ELSEWHERE, 415, {"Content_Type": "text/plain", **bearer}),
            (ELSEWHERE, 403, {"Content_Type": "application/json", "Origin": "http://attacker.example", **bearer})):
        found, text = served.ask("/api/orders", "POST", at, body, **headers)
        check(found == status, f"{at} {headers}: {found} {text}")
    unchanged(served, before, "by an order that was refused")
    check(served.ask("/api/orders", "POST", HERE, "x" * 70_000, Content_Type="application/json")[0] == 413, "a long order")
    check(served.ask("/api/orders", "DELETE")[0] == 405, "DELETE")


def see_limit(served):
    """Whoever guesses has a try a second, and the right token waits with him."""
    tries = [served.order(ELSEWHERE, WRONG, order="list")[0] for _ in range(12)]
    check(tries.count(429) >= 5 and set(tries) == {401, 429}, f"{tries}")
    check(served.order(ELSEWHERE, served.token, order="list")[0] == 429, "the right token is told from others")
    check(served.order(HERE, order="list")[0] == 200, "this machine has to wait as well")
    wait_until("the right token is taken", lambda: served.order(ELSEWHERE, served.token, order="list")[0] == 200, 10)


def see_errors(served):
    """One sentence, the nearest name, and nothing done for the machines that exist."""
    before = served.machines()
    for order, words in (
            ({"order": "image", "machines": "pc-01,pc-0l", "image": "win11"}, ('did you mean "pc-01"?',)),
            ({"order": "image", "machines": "pc-01", "image": "debain-12"}, ('no image "debain-12"', '"debian-12"?')),
            ({"order": "wake", "machines": "nobody-there"}, ("nobody-there",)),
            ({"order": "capture", "machines": "row-1", "image": "golden"}, ("row-1",)),
            ({"order": "capture", "machines": "pc-01", "image": "../golden"}, ("name",)),
            ({"order": "erase", "machines": "all"}, ("erase",))):
        status, answer = served.order(**order)
        check(status in (400, 409) and all(word in answer["error"] for word in words), f"{order}: {status} {answer}")
    unchanged(served, before, "by an order that means nothing")


def see_a_machine_at_work(served):
    """What writes its disk is left alone until it has ended."""
    served.order(order="image", machines="pc-20", image="debian-12")
    served.boot(mac_of(20))
    job = json.loads(served.ask(f"/jobs/{mac_of(20).replace(':', '-')}.json")[1])
    machine = Machine(20, 7700, agent=mac_of(20), job=job["name"])
    machine.send("downloading", done=1 << 30)

    def refused():
        status, answer = served.order(order="image", machines="pc-19,pc-20", image="win11")
        return status == 409 and "pc-20 is at work on its disk" in answer["error"]
    wait_until("a machine at work is left alone", refused)
    check("order" not in served.machines()["pc-19"], "the other machine was ordered an image")
    Machine(19, 7700, agent=mac_of(19)).send("downloading")
    time.sleep(0.3)
    check(served.order(order="cancel", machines="pc-19")[0] == 200, "a beacon of somebody stops orders for a machine")
    machine.send("failed", error={"code": 5, "text": "Input/output error"})
    wait_until("it has ended", lambda: served.order(order="cancel", machines="pc-20")[0] == 200)


class Page:
    def __init__(self, browser):
        self.browser = browser

    def text(self, selector):
        return self.browser.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def has(self, selector):
        return self.browser.run("return document.querySelector(arguments[0])?.checkVisibility() ?? false", selector)

    def row(self, name):
        return self.browser.run(
            "return [...document.querySelectorAll('.orders tbody tr')].find(r => r.querySelector('label').textContent === "
            "arguments[0])?.innerText ?? ''", name)

    def choose(self, *names):
        for name in names:
            self.browser.run("[...document.querySelectorAll('.orders label')].find(l => l.textContent === arguments[0])"
                             ".closest('tr').querySelector('input').click()", name)

    def press(self, action):
        self.browser.click(f"[data-order={action}]")

    def asks(self, text):
        wait_until(f"the page asks: {text}", lambda: text in self.text("#order"))

    def agree(self):
        self.browser.click("#order .answers button:last-child")

    def says(self, text):
        wait_until(f"the page says: {text}; it says: {self.text('#order-said')}", lambda: text in self.text("#order-said"))

    def focused(self):
        return self.browser.run("const e = document.activeElement; return e.getAttribute('aria-label') || e.innerText || e.id")


def see_the_room(page, browser, served, pictures):
    wait_until("the machines", lambda: "pc-24" in page.row("pc-24"))
    names = browser.run("return [...document.querySelectorAll('.orders tbody label')].map(l => l.textContent)")
    check(names[0] == "pc-01" and names[-1] == STRANGER and len(names) == 25, names)
    check("not in room.json" in page.row(STRANGER), page.row(STRANGER))
    check("row-1" in page.row("pc-01") and "gets debian-12" in page.row("pc-01"), page.row("pc-01"))
    check("own disk" in page.row("pc-24"), page.row("pc-24"))
    check(served.token not in browser.run("return document.documentElement.innerHTML"), "the page has the token")
    browser.photograph(pictures / "orders.png")


def do_nothing_without_the_token(page, browser, served):
    before = served.machines()
    page.choose("pc-01")
    page.press("image")
    page.says("Orders need the token")
    check(page.focused() == "token" and not page.has("#order[open]"), "what is missing is not asked for")
    browser.press(*WRONG)
    page.press("image")
    page.asks("1 disk will be overwritten")
    page.agree()
    page.says("this is not the token")
    unchanged(served, before, "with a wrong token")
    browser.run("document.querySelector('#token').select()")
    browser.press(*served.token)
    check(browser.run("return [localStorage.length, document.cookie, Object.values(sessionStorage)]")
          == [0, "", [served.token]], "the token is kept elsewhere than in the tab")
    page.choose("pc-01")


def order_by_keyboard(page, browser, served, pictures):
    browser.run("document.querySelector('.orders tbody input').focus()")
    browser.press("End", "ArrowUp", " ", "ArrowUp", " ")
    check(page.text("#selected") == "2 selected", page.text("#selected"))
    before = served.machines()
    page.press("image")
    page.asks("2 disks will be overwritten when they start next: pc-23, pc-24.")
    check(page.focused() != "Overwrite 2 disks", "the focus is on what overwrites")
    browser.photograph(pictures / "order.png")
    browser.press("Escape")
    wait_until("the question is closed", lambda: not page.has("#order[open]"))
    check(page.focused() == "Image…", page.focused())
    unchanged(served, before, "though the question was closed")
    browser.press("Enter")
    page.asks("2 disks")
    browser.run("document.querySelector('#order-image').value = 'win11'")
    browser.press("Tab", "Tab", "Tab", "Enter")
    page.says("win11 is ordered for 2 machines.")
    wait_until("the row tells", lambda: "gets win11" in page.row("pc-24") and "To be imaged" in page.row("pc-24"))
    after = served.machines()
    check({name for name in after if after[name] != before[name]} == {"pc-23", "pc-24"}, "others were ordered as well")
    check("sanboot" not in served.boot(mac_of(24)) and after["pc-24"]["order"] == "win11", "the order is not kept")


def give_the_other_orders(page, served, wire):
    page.press("wake")
    page.asks("2 disks will be overwritten as they start")
    page.agree()
    page.says("woken: 2 machines.")
    check(wire.hears_wake(mac_of(23)) and wire.hears_wake(mac_of(24)), "no magic packet on the wire")
    page.press("cancel")
    page.asks("No disk is overwritten")
    page.agree()
    page.says("taken back for 2 machines.")
    wait_until("the row tells", lambda: "Own disk" in page.row("pc-24"))
    check("order" not in served.machines()["pc-24"], "the order is still there")
    page.choose("pc-23")
    page.press("capture")
    page.asks("Capture pc-24")
    page.browser.press(*"golden")
    page.agree()
    page.says("golden will be captured from 1 machine.")
    check(served.machines()["pc-24"]["capture"] == "golden", "no capture")
    page.choose("pc-24", "pc-02")
    page.press("again")
    page.asks("1 disk with debian-12: pc-02.")
    page.agree()
    page.says("debian-12 is ordered for 1 machine.")
    check(served.machines()["pc-02"]["order"] == "debian-12", "not again")
    page.press("forget")
    page.asks("1 disk will be overwritten when they start next: pc-02.")
    page.agree()
    page.says("forgotten: 1 machine.")
    check("order" not in served.machines()["pc-02"], "nothing was forgotten")


def choose_many(page, browser):
    browser.run("const f = document.querySelector('#find'); f.value = 'row-2'; f.dispatchEvent(new Event('input'))")
    browser.click(".orders thead input")
    check(page.text("#selected") == "12 selected", page.text("#selected"))
    page.press("image")
    page.asks("12 disks will be overwritten")
    browser.press("Escape")
    browser.run("const f = document.querySelector('#find'); f.value = ''; f.dispatchEvent(new Event('input'))")
    browser.run("document.querySelector('.orders thead input').click()")
    browser.run("document.querySelector('.orders thead input').click()")
    check(page.text("#selected") == "none selected", page.text("#selected"))
    check(browser.run("return [...document.querySelectorAll('[data-order]')].every(b => b.disabled)"), "orders for nobody")


def hear_the_page(page, browser):
    tree = browser.accessible()
    roles = {}
    for role, name in tree:
        roles.setdefault(role, []).append(name)
    check("pc-01" in roles["checkbox"] and "Select all that are shown" in roles["checkbox"], str(roles["checkbox"][:5]))
    check("The room's orders" in roles["table"] and len(roles["row"]) >= 26, f"no table: {roles.keys()}")
    check(all(name for name in roles["button"] + roles["checkbox"]), "a button or a box has no name")
    check("Token" in roles["textbox"] and "Orders for the selected machines" in roles["group"], str(roles["textbox"]))
    page.choose("pc-03")
    page.press("image")
    page.asks("1 disk")
    names = {role: name for role, name in browser.accessible()}
    check(names["dialog"] == "Image 1 machine" and names["combobox"] == "Image", str(names))
    browser.press("Escape")


def use_a_phone(page, browser, pictures):
    browser.screen(390, 844, phone=True)
    wait_until("the rows fit", lambda: browser.run("return document.documentElement.scrollWidth <= innerWidth"), 5)
    small = browser.run("return [...document.querySelectorAll('button, input, select')].filter(e => e.checkVisibility())"
                        ".map(e => e.getBoundingClientRect()).filter(b => b.width < 24 || b.height < 24).length")
    check(small == 0, f"{small} things are too small to be touched")
    browser.photograph(pictures / "phone-orders.png")
    page.press("image")
    page.asks("1 disk")
    browser.photograph(pictures / "phone-order.png")
    browser.press("Escape")
    check("row" in {role for role, _ in browser.accessible()}, "on a telephone the rows are none any more")
    browser.screen(1440, 900, dark=True)
    time.sleep(0.3)
    browser.photograph(pictures / "dark-orders.png")
    browser.screen(1440, 900)


def see_no_complaints(browser):
    """But of the one answer to the wrong token, and of a header that counts with TLS or on loopback alone: the browser
    itself writes these."""
    expected = ("401 (Unauthorized)", "Cross-Origin-Opener-Policy header has been ignored")
    complaints = [e["message"] for e in browser.console() if not any(text in e["message"] for text in expected)]
    check(not complaints, f"messages on the console: {complaints}")


def need_no_token_here(page, browser, served):
    browser.open(f"http://{HERE}/#view=orders")
    wait_until("the machines", lambda: page.row("pc-24"))
    check(not page.has("#token"), "a token is asked for on the server itself")
    page.choose("pc-04")
    page.press("image")
    page.asks("1 disk")
    page.agree()
    page.says("debian-12 is ordered for 1 machine.")
    check(served.machines()["pc-04"]["order"] == "debian-12", "not ordered")
    served.order(order="cancel", machines="pc-04")


ATTACK = """<script>
const order = JSON.stringify({order: 'image', machines: 'all', image: 'win11'});
const to = 'http://127.0.0.1/api/orders';
const tries = [{body: order, mode: 'no-cors'}, {body: order, mode: 'no-cors', headers: {'Content-Type': 'text/plain'}},
    {body: order, headers: {'Content-Type': 'application/json'}}, {body: new Blob([order], {type: 'application/json'})},
    {body: order, headers: {'Content-Type': 'application/json'}, credentials: 'include'}];
Promise.allSettled(tries.map((t) => fetch(to, {method: 'POST', ...t}))).then(() => {
    navigator.sendBeacon(to, new Blob([order], {type: 'text/plain'}));
    document.title = 'tried';
});
</script>"""


def survive_a_page_of_others(browser, served):
    """One that is open in a browser on the server itself, where no token is needed."""
    class Attacker(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(ATTACK.encode())

        def log_message(self, *_):
            pass
    before = served.machines()
    said = len(served.said())
    with http.server.ThreadingHTTPServer((HERE, 8000), Attacker) as attacker:
        threading.Thread(target=attacker.serve_forever, daemon=True).start()
        browser.open(f"http://{HERE}:8000/")
        wait_until("the attack is over", lambda: browser.run("return document.title") == "tried", 20)
        time.sleep(0.5)
        attacker.shutdown()
    unchanged(served, before, "by a page of others")
    check("from 127.0.0.1 was refused with 403" in served.said()[said:], "none of its orders came as far as the server")


def main():
    pictures = pathlib.Path(sys.argv[1])
    pictures.mkdir(exist_ok=True)
    set_up_network()
    wire = Wire()
    with tempfile.TemporaryDirectory() as folder:
        served = Served(make_room(folder))
        browser = None
        try:
            check("exit" in served.boot(STRANGER), "a machine that nobody named is imaged")
            see_refusals(served)
            see_limit(served)
            see_errors(served)
            see_a_machine_at_work(served)
            browser = Browser()
            page = Page(browser)
            browser.screen(1440, 900)
            browser.open(f"http://{ELSEWHERE}/#view=orders")
            see_the_room(page, browser, served, pictures)
            do_nothing_without_the_token(page, browser, served)
            order_by_keyboard(page, browser, served, pictures)
            give_the_other_orders(page, served, wire)
            choose_many(page, browser)
            hear_the_page(page, browser)
            use_a_phone(page, browser, pictures)
            see_no_complaints(browser)
            need_no_token_here(page, browser, served)
            survive_a_page_of_others(browser, served)
        except BaseException:
            print(served.said()[-4000:], file=sys.stderr)
            raise
        finally:
            if browser:
                browser.close()
            served.stop()


if __name__ == "__main__":
    main()
