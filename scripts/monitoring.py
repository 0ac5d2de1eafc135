"""A batch, node exporter, Prometheus and the alerts, for real (started by scripts/monitoring.sh)."""

import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
# How long anything may take that should take a second or two.
PATIENCE = 60


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, ask):
    """The first true answer of `ask`, within PATIENCE seconds."""
    end, last = time.monotonic() + PATIENCE, None
    while time.monotonic() < end:
        try:
            last = ask()
            if last:
                return last
        except (urllib.error.URLError, ConnectionError) as error:
            last = error
        time.sleep(0.3)
    sys.exit(f"FAILED: {what}: not within {PATIENCE} s (last answer: {last})")


class Prometheus:
    def __init__(self, port):
        self.base = f"http://127.0.0.1:{port}"

    def get(self, path, **query):
        url = f"{self.base}{path}?{urllib.parse.urlencode(query)}"
        # A proxy of the environment is none of loopback's business.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=10) as answer:
            return json.load(answer)

    def query(self, expression):
        """Label sets and values."""
        data = self.get("/api/v1/query", query=expression)["data"]
        return [(r["metric"], float(r["value"][1])) for r in data["result"]]

    def value(self, expression):
        found = self.query(expression)
        return found[0][1] if len(found) == 1 else None

    def firing(self):
        alerts = self.get("/api/v1/alerts")["data"]["alerts"]
        return {a["labels"]["alertname"] for a in alerts if a["state"] == "firing"}


def expressions(dashboard):
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            filled = target["expr"].replace("$instance", ".*").replace("$task", ".*")
            yield panel["title"], filled


def main(binary):
    binary = pathlib.Path(binary).resolve()
    work = pathlib.Path(tempfile.mkdtemp(prefix="svg-ai-monitoring-"))
    started = []
    try:
        art, textfiles = work / "art", work / "textfiles"
        art.mkdir()
        textfiles.mkdir()
        fixtures = ROOT / "fixtures"
        good = sorted((fixtures / "images").glob("*/*-1.png"))
        for picture in good:
            shutil.copy(picture, art)

        def batch(expected):
            metrics, report = textfiles / "art.prom", work / "report.json"
            run = subprocess.run(
                [binary, "batch", "-q", art, "-o", work / "svg", "--quality", "fast"]
                + ["--metrics-file", metrics, "--report", report],
                stderr=subprocess.PIPE,
                text=True,
            )
            if run.returncode != expected:
                sys.exit(f"FAILED: the batch ended with {run.returncode}, not {expected}:\n{run.stderr}")
            with metrics.open() as text:
                subprocess.run(["promtool", "check", "metrics"], stdin=text, check=True)
            return json.loads(report.read_text())

        node_port, port = free_port(), free_port()
        # The committed files, with what differs in a test: ports, and seconds in place of minutes.
        config = (ROOT / "deploy/prometheus/prometheus.yml").read_text()
        assert "127.0.0.1:9100" in config and "interval: 1m" in config
        config = config.replace("127.0.0.1:9100", f"127.0.0.1:{node_port}").replace("interval: 1m", "interval: 1s")
        (work / "prometheus.yml").write_text(config)
        shutil.copy(ROOT / "deploy/prometheus/rules.yml", work)
        log = (work / "services.log").open("w")
        for command in [
            ["prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{node_port}"]
            + ["--collector.disable-defaults", "--collector.textfile"]
            + [f"--collector.textfile.directory={textfiles}"],
            ["prometheus", f"--config.file={work}/prometheus.yml", f"--storage.tsdb.path={work}/data"]
            + [f"--web.listen-address=127.0.0.1:{port}"],
        ]:
            started.append(subprocess.Popen(command, stdout=log, stderr=log))
        prometheus = Prometheus(port)

        report = batch(0)
        ok = report["summary"]["status"]["ok"]
        assert ok == len(good) > 0
        wait_for(
            "the items of the first run",
            lambda: prometheus.value('svg_ai_last_run_items{task="art", status="ok"}') == ok,
        )
        for name, by_class in report["summary"]["by_class"].items():
            mean = prometheus.value(f'svg_ai_last_run_mean_quality_ratio{{class="{name}"}}')
            if mean is None or abs(mean - by_class["quality"]["mean"]) > 1e-9:
                sys.exit(f"FAILED: mean quality of {name} is {by_class['quality']['mean']}, Prometheus has {mean}")
        wait_for("the rules", lambda: prometheus.value('count(ALERTS) or vector(0)') is not None)
        assert prometheus.firing() == set(), prometheus.firing()
        print(f"a good run: {ok} items and the quality of each class are in Prometheus, no alert fires")

        shutil.copy(fixtures / "damaged/truncated.png", art)
        batch(1)
        wait_for("SvgAiRunFailed fires", lambda: "SvgAiRunFailed" in prometheus.firing())
        failed = prometheus.value('svg_ai_failures_total{code="input.truncated"}')
        assert failed == 1, failed
        print("a bad run: SvgAiRunFailed fires, and the failure is counted under input.truncated")

        (art / "truncated.png").unlink()
        batch(0)
        wait_for("SvgAiRunFailed clears", lambda: prometheus.firing() == set())
        total = prometheus.value('sum(svg_ai_items_total{status="ok"})')
        assert total == 3 * ok, total
        print(f"a good run: the alert clears, and three runs add up to {total:.0f} items")

        dashboard = json.loads((ROOT / "deploy/grafana/dashboard.json").read_text())
        # Each expression has to be understood, and those of series that must be there to have an answer.
        empty = []
        for title, expression in expressions(dashboard):
            if not prometheus.query(expression):
                empty.append(title)
        if empty:
            sys.exit(f"FAILED: panels of the dashboard without data: {empty}")
        print(f"every expression of the dashboard's {len(dashboard['panels'])} panels has an answer")
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait()
        shutil.rmtree(work, ignore_errors=True)
    print("The chain holds.")


if __name__ == "__main__":
    main(sys.argv[1])
