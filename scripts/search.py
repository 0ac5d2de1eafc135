#!/usr/bin/env python3
"""What a search is worth: `optimize` against `convert`, and trials against whole conversions.

    scripts/search.py FOLDER [--binary target/release/svg-ai] [--every 4] [--time 10s] [--against best] [--best OTHER_BINARY]

FOLDER holds images, of which every n-th is taken. Prints Markdown. Trials a second are measured with one
thread on either side, alternating: each image is searched, then some of its trials are converted one by
one with the same parameters.
"""

import argparse
import json
import math
import pathlib
import statistics
import subprocess
import tempfile
import time

# Qualities that differ by less are equal: half of the last digit that summaries show.
EQUAL = 0.0005

# Trials of an image that are converted one by one.
AGAIN = 8


def run(*words):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True)
    return json.loads(done.stdout) if done.stdout.startswith("{") else None


def figures(item):
    return item["metrics"]["quality"], item["metrics"]["economy"]["bytes"], item["metrics"]["economy"]["nodes"]


def said_again(attempt):
    words = ["--engine", attempt["engine"]]
    for name, value in attempt["parameters"].items():
        if name == "precision":
            words += ["--precision", value]
        else:
            value = ",".join(value) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else value
            words += ["--engine-option", f"{name}={value}"]
    return words


def table(rows, tier):
    def ratio(pairs, at):
        return math.exp(sum(math.log(max(b[at], 1) / max(a[at], 1)) for a, b in pairs) / len(pairs))

    print(f"| class | images | quality, {tier} | quality, search | higher on | bytes | nodes |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    classes = sorted({c for c, *_ in rows})
    for name in [*classes, "all"]:
        pairs = [(a, b) for c, a, b in rows if name in (c, "all")]
        before, after = (statistics.mean(p[i][0] for p in pairs) for i in (0, 1))
        higher = sum(b[0] >= a[0] for a, b in pairs)
        print(f"| {name} | {len(pairs)} | {before:.4f} | {after:.4f} | {higher} of {len(pairs)} | "
              f"× {ratio(pairs, 1):.3f} | × {ratio(pairs, 2):.3f} |")
    same = [(a, b) for _, a, b in rows if b[0] >= a[0] and b[1] <= a[1]]
    print(f"\nNo worse in quality and no larger: {len(same)} of {len(rows)}.")
    wins = [b[0] > a[0] + EQUAL or abs(b[0] - a[0]) <= EQUAL and b[1] < a[1] for _, a, b in rows]
    print(f"Higher quality, or equal quality (to {EQUAL}) in fewer bytes: {sum(wins)} of {len(rows)}.")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--binary", default="target/release/svg-ai")
    parser.add_argument("--against", default="best", help="the tier of `convert`")
    parser.add_argument("--best", help="another binary for `convert`")
    parser.add_argument("--every", type=int, default=4)
    parser.add_argument("--time", default="10s")
    parser.add_argument("--no-speed", action="store_true")
    options = parser.parse_args()
    images = sorted(p for p in options.folder.rglob("*") if p.is_file())[:: options.every]
    rows, rates, wholes, stages, per_trace = [], [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/a.svg"
        for image in images:
            best = run(options.best or options.binary, "convert", image, "-o", out, "--quality", options.against, "--metrics", "basic", "--report", "-", "-q")
            found = run(options.binary, "optimize", image, "-o", out, "--time-budget", options.time, "--report", "-", "-q")
            if not (best and found and best["metrics"] and found["metrics"]):
                print(f"{image}: failed")
                continue
            rows.append((found["classification"]["class"], figures(best), figures(found)))
            if options.no_speed:
                continue
            single = run(options.binary, "optimize", image, "-o", out, "--time-budget", "3s", "-j", 1, "--report", "-", "-q")
            search = single["search"]
            rates.append(search["trials"] / search["seconds"])
            per_trace.append(search["trials"] / search["traces"])
            again = [a for a in single["attempts"] if a["error"] is None and "shrunk" not in a["parameters"]]
            for attempt in again[:: max(1, len(again) // AGAIN)][:AGAIN]:
                start = time.monotonic()
                item = run(options.binary, "convert", image, "-o", out, "-j", 1, "--report", "-", "-q", *said_again(attempt))
                seconds = time.monotonic() - start
                if item:
                    wholes.append((rates[-1], seconds))
                    stages.append((rates[-1], sum(item["times"][f"{s}_ms"] for s in ("decode", "classify", "trace", "score")) / 1e3))
    table(rows, options.against)
    if rates:
        gain = lambda pairs: statistics.median(rate * seconds for rate, seconds in pairs)
        print(f"\nTrials a second, one thread: {statistics.median(rates):.0f} (median), {statistics.mean(per_trace):.1f} a trace; "
              f"× {gain(wholes):.1f} those of a process for each, × {gain(stages):.1f} those of decode, classify, trace and score alone.")


if __name__ == "__main__":
    main()
