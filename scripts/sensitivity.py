#!/usr/bin/env python3
"""What each engine option does to quality, bytes, nodes and time, one changed at a time.

    scripts/sensitivity.py FOLDER [--binary target/release/svg-ai] [--engine contour]

FOLDER holds images. Every value that the search may try is measured on all of them against the engine's
presets; the table goes to standard output as Markdown. Figures are over the images that both settings
traced: mean difference of quality, and geometric means of the ratios of bytes, nodes and time.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile

# Values to try; precision and shapes are the writer's, the rest the engine's.
SPACE = {
    "contour": {
        "effort": ["fast"],
        "stacking": ["cutout"],
        "price": ["0.6", "1", "1.6", "4", "6", "10", "16", "25"],
        "tolerance": ["0.003", "0.03", "0.06", "0.1", "0.2"],
        "refine": ["0", "1", "3", "14", "30"],
        "min-area": ["1", "4", "9"],
        "max-colors": ["32", "16", "8"],
        "--precision": ["0", "1", "3"],
        "--shapes": ["paths"],
    },
    "vtracer": {
        "hierarchical": ["stacked"],
        "supersample": ["2"],
        "ink-supersample": ["1", "3", "4"],
        "simplify": ["0", "0.25", "0.5", "1.5", "2.5"],
        "layer-difference": ["0", "4", "8", "32", "64"],
        "posterize": ["1", "4", "8", "16", "24"],
        "color-precision": ["6", "7"],
        "filter-speckle": ["0", "1", "2", "8"],
        "corner-threshold": ["20", "30", "60", "90"],
        "splice-threshold": ["20", "30", "60", "90"],
        "length-threshold": ["3.5", "6", "10"],
        "max-iterations": ["2", "30"],
        "clustering": ["watershed"],
        "max-colors": ["32", "16", "8"],
        "--precision": ["0", "2"],
        "--shapes": ["paths"],
    },
}


def run(binary, folder, engine, more):
    with tempfile.TemporaryDirectory() as out:
        command = [binary, "batch", folder, "-o", out, "--engine", engine, "--quality", "fast", "--report", "-",
                   "-q", "-j", "1", "--timeout", "20s"]
        if engine == "contour":
            # The preset, not the fast one.
            pairs = {"effort": "balanced", "refine": "6"}
            pairs.update(dict(pair.split("=") for pair in more if not pair.startswith("--")))
            more = [m for m in more if m.startswith("--")] + [f"{k}={v}" for k, v in pairs.items()]
        for pair in more:
            command += [pair] if pair.startswith("--") else ["--engine-option", pair]
        done = subprocess.run(command, capture_output=True, text=True)
        if not done.stdout:
            sys.exit(done.stderr)
        return {i["input"]: i for i in json.loads(done.stdout)["items"] if i["status"] == "ok"}


def row(name, base, new):
    both = sorted(base.keys() & new.keys())
    if not both:
        return f"| {name} | none |"

    def ratio(of):
        return math.exp(sum(math.log(max(of(new[i]), 1e-9) / max(of(base[i]), 1e-9)) for i in both) / len(both))

    quality = sum(new[i]["metrics"]["quality"] - base[i]["metrics"]["quality"] for i in both) / len(both)
    better = sum(new[i]["metrics"]["quality"] > base[i]["metrics"]["quality"] + 1e-4 for i in both) / len(both)
    return (f"| {name} | {len(both)} | {quality:+.4f} | {better:.0%} | "
            f"{ratio(lambda i: i['metrics']['economy']['bytes']):.3f} | "
            f"{ratio(lambda i: i['metrics']['economy']['nodes']):.3f} | {ratio(lambda i: i['times']['trace_ms']):.2f} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--binary", default="target/release/svg-ai")
    parser.add_argument("--engine", action="append", choices=SPACE.keys())
    options = parser.parse_args()
    for engine in options.engine or SPACE:
        base = run(options.binary, options.folder, engine, [])
        mean = sum(i["metrics"]["quality"] for i in base.values()) / len(base)
        print(f"\n{engine}, {len(base)} images, mean quality of the preset {mean:.4f}\n")
        print("| changed to | images | quality | better on | bytes | nodes | time |\n|---|---:|---:|---:|---:|---:|---:|")
        for name, values in SPACE[engine].items():
            for value in values:
                new = run(options.binary, options.folder, engine, [f"{name}={value}"])
                print(row(f"{name.lstrip('-')} {value}", base, new), flush=True)


if __name__ == "__main__":
    main()
