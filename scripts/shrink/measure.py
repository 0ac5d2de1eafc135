"""Runs both tools over a folder and prints the table; see scripts/shrink.sh."""

import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import time

ROUNDS = 3
SIDE = 1024


def run(command):
    """The shortest wall time and the least processor time of a few runs, s."""
    wall, processor = 1e9, 1e9
    for _ in range(ROUNDS):
        start, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        now = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall = min(wall, time.monotonic() - start)
        processor = min(processor, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime)
    return wall, processor


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
    print("| tool | files | bytes before | after | saved | mean ΔE₀₀ | worst | files/s | files per second of processor time |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for index, (name, command) in enumerate(tools):
        out = pathlib.Path(cache, f"out{index}")
        shutil.rmtree(out, ignore_errors=True)
        command = [*command, str(out)]
        wall, processor = run(command)
        before, after, mean, worst, n = figures(difference, str(source), str(out))
        print(f"| {name} | {n} | {before} | {after} | {100 * (1 - after / before):.2f} % | {mean:.5f} | {worst:.5f} "
              f"| {n / wall:.0f} | {n / processor:.0f} |", flush=True)


main()
