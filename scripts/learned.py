#!/usr/bin/env python3
"""Are presets learned from some images better on others? Learns from one half, converts the other, and back.

    scripts/learned.py FOLDER [--binary target/release/svg-ai] [--time 2s]

FOLDER holds images; those at even and at odd places of the sorted list are the halves. Prints Markdown.
"""

import argparse
import json
import math
import pathlib
import shutil
import statistics
import subprocess
import tempfile


def batch(binary, folder, more):
    with tempfile.TemporaryDirectory() as out:
        words = [binary, "batch", folder, "-o", out, "--report", "-", "-q", *more]
        done = subprocess.run([str(w) for w in words], capture_output=True, text=True)
        return {pathlib.Path(i["input"]).relative_to(folder): i for i in json.loads(done.stdout)["items"]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--binary", default="target/release/svg-ai")
    parser.add_argument("--time", default="2s")
    options = parser.parse_args()
    images = sorted(p for p in options.folder.rglob("*") if p.is_file())
    pairs = []
    with tempfile.TemporaryDirectory() as scratch:
        halves = [pathlib.Path(scratch) / name for name in ("even", "odd")]
        for i, image in enumerate(images):
            copy = halves[i % 2] / image.relative_to(options.folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(image, copy)
        for seen, new in (halves, halves[::-1]):
            presets = f"{scratch}/presets.toml"
            subprocess.run([options.binary, "optimize", "--learn", seen, "-o", presets, "--time-budget", options.time],
                           check=True)
            before = batch(options.binary, new, [])
            after = batch(options.binary, new, ["--presets", presets])
            pairs += [(before[k], after[k]) for k in sorted(before) if before[k]["metrics"] and after[k]["metrics"]]
            print(f"\n```toml\n{pathlib.Path(presets).read_text()}```\n")

    quality = lambda item: item["metrics"]["quality"]
    size = lambda item, what: math.log(max(item["metrics"]["economy"][what], 1))
    worth = lambda item: quality(item) - 0.01 * size(item, "bytes")
    print("| class | images | quality, built in | quality, learned | bytes | nodes | worth more on |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    classes = sorted({a["classification"]["class"] for a, _ in pairs})
    for name in [*classes, "all"]:
        of = [(a, b) for a, b in pairs if name in (a["classification"]["class"], "all")]
        ratio = lambda what: math.exp(statistics.mean(size(b, what) - size(a, what) for a, b in of))
        print(f"| {name} | {len(of)} | {statistics.mean(quality(a) for a, _ in of):.4f} | "
              f"{statistics.mean(quality(b) for _, b in of):.4f} | × {ratio('bytes'):.3f} | × {ratio('nodes'):.3f} | "
              f"{sum(worth(b) > worth(a) for a, b in of)} |")


if __name__ == "__main__":
    main()
