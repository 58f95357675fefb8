#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""promtool finds nothing to say of the metrics, Prometheus takes them, and each query of the dashboard has an answer."""

import json
import pathlib
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request

from beacons import GIB, Machine, Watcher, free_tcp_port, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[3]
DASHBOARD = json.loads((ROOT / "docs" / "grafana" / "rawswarm.json").read_text())


def check_metrics(text):
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
    if checked.returncode != 0 or checked.stdout or checked.stderr:
        raise AssertionError(f"promtool check metrics: {checked.stdout}{checked.stderr}")


def queries():
    """Title of the panel and query of each."""
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"].replace("$instance", ".*").replace("$__rate_interval", "20s")


class Prometheus:
    def __init__(self, folder, watched):
        config = pathlib.Path(folder, "prometheus.json")  # JSON is YAML
        config.write_text(json.dumps({
            "global": {"scrape_interval": "1s"},
            "scrape_configs": [{"job_name": "rawswarm", "static_configs": [{"targets": [watched]}]}]}))
        port = free_tcp_port()
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"])

    def query(self, expression):
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/query?{urllib.parse.urlencode({'query': expression})}",
                                        timeout=10) as answer:
                return json.loads(answer.read())["data"]["result"]
        except urllib.error.HTTPError as error:
            if error.code == 503:
                return []  # it is starting
            raise AssertionError(f"{expression}: {error.read().decode()}") from error
        except (urllib.error.URLError, ConnectionError):
            return []  # it does not listen yet

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def main():
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "rawswarm.prom")
        watcher = Watcher("--prometheus", str(file), "--expect", "9")
        prometheus = Prometheus(folder, f"127.0.0.1:{watcher.http}")
        try:
            check_metrics(watcher.get("metrics"))
            machines = [Machine(i, watcher.port) for i in range(1, 7)]
            machines[5].host = machines[5].agent = '"} 1\nforged{x="\\'
            fetched = 0

            def beacons():
                nonlocal fetched
                fetched += 1 << 20
                for number, machine in enumerate(machines):
                    machine.send("downloading", done=number * GIB, down=1 << 20, up=1 << 19, peers=5, eta_s=60,
                                 wire_fetched=fetched, wire_uploaded=fetched, ratio=2.0)
                machines[0].send("failed", error={"code": 5, "text": "Input/output error"})

            def answered(expression):
                beacons()
                return prometheus.query(expression)

            wait_until("Prometheus has two samples", lambda: answered("count_over_time(rawswarm_watch_info[20s]) > 2"), 30)
            check_metrics(watcher.get("metrics"))
            for title, expression in queries():
                wait_until(f"an answer for {title}: {expression}", lambda e=expression: answered(e), 10)
            state = {r["metric"]["state"]: r["value"][1] for r in prometheus.query("rawswarm_machines > 0")}
            if state != {"downloading": "5", "failed": "1"}:
                raise AssertionError(state)
            health = prometheus.query('up{job="rawswarm"}')
            if [r["value"][1] for r in health] != ["1"]:
                raise AssertionError(health)
            wait_until("the file has the machines", lambda: "rawswarm_machine_info{" in file.read_text(), 10)
            check_metrics(file.read_text())
        finally:
            prometheus.stop()
            watcher.stop()
        if 'state="failed"} 1' not in file.read_text():
            raise AssertionError("the file does not hold what was known last")


if __name__ == "__main__":
    main()
