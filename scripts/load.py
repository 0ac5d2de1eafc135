"""Measures a large batch: scripts/load.sh. Prints Markdown; ends with 1 when a figure is not reached.

Times on a machine that others use say little. What is compared is therefore taken in turns, and the slowdown is
told in processor time, which others disturb less.
"""

import filecmp
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BINARY, PICTURES = (Path(word).resolve() for word in sys.argv[1:3])
QUICK = "--quick" in sys.argv
WANTED = [word for word in sys.argv[3:] if word in ("large", "jobs")]
NUMBERS = [int(word) for word in sys.argv[3:] if word.isdigit()]
COUNT = NUMBERS[0] if NUMBERS else (1000 if QUICK else 10_000)
SIDE = 256
SUBSET = min(COUNT, 100 if QUICK else 500)
ROUNDS = 3 if QUICK else 5
# Deadlines depend on how busy the machine is; they are not what is looked at.
OPTIONS = ["--quality", "fast", "--timeout", "60s"]
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
missed = []


def figure(name, value, reached):
    print(f"| {name} | {value} | {'yes' if reached else '**no**'} |", flush=True)
    if not reached:
        missed.append(name)


class Watched:
    """A run that is looked at ten times a second: items done (lines of the journal), memory, processor time."""

    def __init__(self, folder, words):
        self.samples = []
        journal = folder / "r.json.journal"
        with open(folder / "said", "wb") as said:
            child = subprocess.Popen([BINARY, *words], cwd=folder, stderr=said)
            start, lines, position = time.monotonic(), 0, 0
            while child.poll() is None:
                try:
                    with open(journal, "rb") as file:
                        file.seek(position)
                        new = file.read()
                        position += len(new)
                        lines += new.count(b"\n")
                    memory = int(Path(f"/proc/{child.pid}/statm").read_text().split()[1]) * PAGE
                    stat = Path(f"/proc/{child.pid}/stat").read_text().rsplit(")", 1)[1].split()
                    self.samples.append((lines, time.monotonic() - start, (int(stat[11]) + int(stat[12])) / TICKS, memory))
                except (FileNotFoundError, IndexError, ProcessLookupError):
                    pass
                time.sleep(0.1)
            self.seconds = time.monotonic() - start
        self.code = child.returncode
        self.said = (folder / "said").read_text().splitlines()

    def at(self, done):
        """The first sample with so many items done."""
        return next((s for s in self.samples if s[0] >= done), self.samples[-1])


def timed(folder, *words):
    shutil.rmtree(folder / "out", ignore_errors=True)
    start = time.monotonic()
    ended = subprocess.run([BINARY, "batch", *words, "-o", "out", "-q", *OPTIONS], cwd=folder)
    if ended.returncode != 0:
        sys.exit(f"load.py: exit {ended.returncode}: {words}")
    return time.monotonic() - start


def timeless(value):
    of_the_run = {"started", "ended", "times", "ms", "seconds", "items_per_second", "peak_memory_bytes", "options", "output"}
    if isinstance(value, dict):
        return {k: timeless(v) for k, v in value.items() if k not in of_the_run}
    return [timeless(v) for v in value] if isinstance(value, list) else value


def same_tree(a, b):
    names = sorted(p.relative_to(a) for p in a.rglob("*.svg"))
    if names != sorted(p.relative_to(b) for p in b.rglob("*.svg")):
        return False
    return filecmp.cmpfiles(a, b, [str(n) for n in names], shallow=False)[1:] == ([], [])


def large(folder):
    run = Watched(folder, ["batch", "in", "-o", "out", "--report", "r.json", "--jobs", "2", *OPTIONS])
    report = json.loads((folder / "r.json").read_text())
    summary = report["summary"]
    wrong = {k: v for k, v in summary["status"].items() if k != "ok"}
    figure(f"{COUNT} images converted", summary["status"].get("ok", 0), run.code == 0 and not wrong)
    step = COUNT // 10
    memory = {done: run.at(done)[3] / 1e6 for done in (step, COUNT // 2, COUNT)}
    peak = summary["peak_memory_bytes"] / 1e6
    most = max(m for *_, m in run.samples) / 1e6
    rows = ", ".join(f"{m:.0f} MB after {done}" for done, m in memory.items())
    grown = memory[COUNT] - memory[step]
    figure("memory of the process", f"{rows}; most {most:.0f} MB, peak in the report {peak:.0f} MB", grown < 0.002 * COUNT)
    half = max(s[3] for s in run.samples if s[0] <= COUNT // 2) / 1e6
    figure("the same, most in either half", f"{half:.0f} MB, then {most:.0f} MB", most - half < 0.002 * COUNT)
    ends = [(step // 10, step + step // 10), (COUNT - step, COUNT)]
    cost, pace = [], []
    for first, last in ends:
        a, b = run.at(first), run.at(last)
        cost.append((b[2] - a[2]) / (b[0] - a[0]) * 1e3)
        pace.append((b[0] - a[0]) / (b[1] - a[1]))
    figure(
        f"the last {step} against the first",
        f"{cost[1] / cost[0]:.3f} times the processor time ({cost[0]:.1f} and {cost[1]:.1f} ms an image), "
        f"{pace[0]:.1f} and {pace[1]:.1f} images a second",
        cost[1] < 1.05 * cost[0],
    )
    lines = [line for line in run.said if " done, " in line]
    figure("lines of progress in a log", f"{len(lines)} in {run.seconds:.0f} s", len(lines) <= run.seconds / 30 + 1)
    start = time.monotonic()
    again = Watched(folder, ["batch", "in", "-o", "out", "--report", "r.json", "--jobs", "2", "--resume", *OPTIONS])
    seconds = time.monotonic() - start
    resumed = json.loads((folder / "r.json").read_text())
    whole = again.code == 0 and resumed["summary"]["reused"] == COUNT
    figure("resumed with nothing to do", f"{seconds:.2f} s", whole and seconds < COUNT / 10_000)
    most = resumed["summary"]["peak_memory_bytes"] / 1e6
    figure("memory of that", f"{most:.0f} MB", most < peak)
    for one in (report, resumed):
        del one["summary"]["reused"]
    figure("its report is that of the first, apart from times", "", timeless(resumed) == timeless(report))


def jobs(folder):
    subset = folder / "few"
    subset.mkdir()
    for path in sorted((folder / "in").iterdir())[:SUBSET]:
        os.link(path, subset / path.name)
    report = ["--report", "j.json"]
    reports, trees = {}, {}
    for count in (1, 20):
        timed(folder, "few", "--jobs", str(count), "--memory", "512M", *report)
        reports[count] = json.loads((folder / "j.json").read_text())
        trees[count] = (folder / "out").rename(folder / f"out-{count}")
    figure("`--jobs 20` and `--jobs 1`: same drawings, byte for byte", SUBSET, same_tree(trees[1], trees[20]))
    same = all(timeless(reports[1][key]) == timeless(reports[20][key]) for key in ("items", "summary"))
    figure("and same report, apart from times", "", same)
    peak = reports[20]["summary"]["peak_memory_bytes"] / 1e6
    figure("peak memory of `--jobs 20 --memory 512M`", f"{peak:.0f} MB", peak < 512 + 35)
    seconds = {1: [], 2: [], 20: []}
    inside = []
    for turn in range(ROUNDS):
        order = list(seconds)[turn % 3 :] + list(seconds)[: turn % 3]
        for count in order:
            seconds[count].append(timed(folder, "few", "--jobs", str(count), *report))
            if count == 1:
                spent = sum(i["times"]["total_ms"] for i in json.loads((folder / "j.json").read_text())["items"])
                inside.append(seconds[1][-1] / spent * 1e3 - 1)
    def ratio(a, b):
        return statistics.median(x / y for x, y in zip(seconds[a], seconds[b]))
    figure("two jobs against one", f"{ratio(1, 2):.2f} times as fast", ratio(1, 2) >= 1.9)
    figure("twenty jobs against two", f"{ratio(2, 20):.3f} times as fast", ratio(2, 20) >= 0.95)
    overhead = statistics.median(inside)
    figure("one job: the run against the sum of its items", f"{100 * overhead:+.1f} %", overhead <= 0.03)


def main():
    place = Path(tempfile.mkdtemp(prefix="load-", dir=os.environ.get("SVG_AI_CACHE")))
    try:
        subprocess.run([PICTURES, place / "in", str(COUNT), str(SIDE)], check=True)
        load, cores = os.getloadavg()[0], os.cpu_count()
        print(f"{COUNT} images of {SIDE} px, {cores} cores, load before {load:.1f}\n\n| what | figure | reached |\n|---|---|---|")
        for part in (large, jobs):
            if part.__name__ in WANTED or not WANTED:
                part(place)
    finally:
        shutil.rmtree(place)
    if missed:
        sys.exit(f"not reached: {', '.join(missed)}")


main()
