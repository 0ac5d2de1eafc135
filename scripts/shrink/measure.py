"""Runs both tools over a folder and prints the table; see scripts/shrink.sh."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROUNDS = 3
SIDE = 1024


def run(command, cores):
    """The shortest wall time of a few runs, s, on the given cores."""
    best = None
    for _ in range(ROUNDS):
        start = time.monotonic()
        subprocess.run(["taskset", "-c", cores, *command] if cores and shutil.which("taskset") else command,
                       check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        best = min(best or 1e9, time.monotonic() - start)
    return best


def figures(difference, before, after):
    lines = subprocess.run([difference, before, after, str(SIDE)], check=True, capture_output=True, text=True).stdout
    rows = [json.loads(line) for line in lines.splitlines()]
    worst = [max(r["white"], r["black"]) for r in rows]
    return sum(r["before"] for r in rows), sum(r["after"] for r in rows), sum(worst) / len(rows), max(worst), len(rows)


def main():
    folder, cache, target, *options = sys.argv[1:]
    ours = os.environ.get("SVG_AI", target + "/svg-ai")
    difference = os.environ.get("SVG_DIFFERENCE", target + "/examples/svg_difference")
    source = pathlib.Path(cache, "source")
    shutil.rmtree(source, ignore_errors=True)
    for path in sorted(pathlib.Path(folder).rglob("*.svg")):
        to = source / path.relative_to(folder)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, to)
    svgo = ["node", cache + "/node_modules/svgo/bin/svgo.js", "-q", "-r", "-f", str(source), "-o"]
    batch = [ours, "batch", str(source), "--svg", "shrink", "-q", "-o"]
    tools = [
        ("svgo 4.1.0", svgo),
        ("svg-ai", batch),
        ("svg-ai --lossless", [*batch[:-1], "--lossless", "-o"]),
    ]
    if options:
        tools.append(("svg-ai " + " ".join(options), [*batch[:-1], *options, "-o"]))
    print("| tool | files | bytes before | after | saved | mean ΔE₀₀ | worst | files/s, all cores | one core |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for index, (name, command) in enumerate(tools):
        out = pathlib.Path(cache, f"out{index}")
        shutil.rmtree(out, ignore_errors=True)
        command = [*command, str(out)]
        all_cores, one_core = run(command, None), run(command, "0")
        before, after, mean, worst, n = figures(difference, str(source), str(out))
        print(f"| {name} | {n} | {before} | {after} | {100 * (1 - after / before):.2f} % | {mean:.5f} | {worst:.5f} "
              f"| {n / all_cores:.0f} | {n / one_core:.0f} |", flush=True)


main()
