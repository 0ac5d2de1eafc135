#!/usr/bin/env python3
"""Measures what a picture costs and draws it: time by size, class and tier, and throughput by jobs.

cost.py SVG_AI OUT [--samples N] [--quick]

SVG_AI is the program, built with --release. Into OUT go cost-size.svg, cost-jobs.svg and cost.json, the figures; tables
for docs/performance.md are printed. Everything is measured by `svg-ai bench` on its built-in pictures, N of each class
(3; 1 above LARGE px), on one core but for the throughput. A run during which others used the machine is done again, up to TRIES times, and
the least time of each class counts, since others only add to it; how busy they were is in the figures. Figures that OUT has already are not measured again.
"""

import argparse
import json
import math
import os
import pathlib
import resource
import subprocess
import sys
import time

from speed import busy

CLASSES = ["simple", "line-art", "text", "complex", "gradient", "pixel-art", "photo"]
# Sizes for each tier, px. The tier of a search takes what time it is given.
SIDES = {tier: [64, 128, 256, 512, 1024, 2048] for tier in ("fast", "balanced")}
# Jobs are compared at this size.
JOBS_SIDE = 512
# Share of the cores that others may take, and how often a run is tried.
QUIET, TRIES = 0.05, 6
# Above this size one picture of each class is measured, px.
LARGE = 512

# Told apart by colour, and by a label at the end of each line.
COLOURS = {
    "simple": "#2f6fde", "line-art": "#0f9d76", "text": "#8a63d2", "complex": "#d97706", "gradient": "#c2417c",
    "pixel-art": "#6b8e23", "photo": "#64748b", "fast": "#0f9d76", "balanced": "#2f6fde",
}
# Plain for renderers that know no variables; dark pages are for those that do know them.
STYLE = (
    "text{font:13px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#667085}"
    ".title{font-size:17px;font-weight:600;fill:#1d2330}.page{fill:#fff}.grid{stroke:#e6e9ef}.axis{stroke:#667085}"
    "polyline{fill:none;stroke-width:2;stroke-linejoin:round}.end{text-anchor:end}.mid{text-anchor:middle}"
    "@media(prefers-color-scheme:dark){text{fill:#98a2b3}.title{fill:#e8ebf1}.page{fill:#14171d}.grid{stroke:#2a2f39}"
    ".axis{stroke:#98a2b3}}"
)


def own():
    """Seconds of cores that this script and what it ran have used."""
    use = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in use)


def bench(svg_ai, tier, side, samples, jobs="1"):
    """Least times of each class, most images a second, and the share of the machine that others took in the least
    disturbed run (None: not told)."""
    words = [svg_ai, "bench", "--quality", tier, "--side", str(side), "--samples", str(samples), "--jobs", jobs]
    words += ["--format", "json"]
    best, times, rates = None, {}, {}
    for _ in range(TRIES):
        start, others, mine = time.monotonic(), busy(), own()
        done = subprocess.run(words, stdout=subprocess.PIPE, check=False)
        if done.returncode not in (0, 1):
            sys.exit(f"cost.py: exit code {done.returncode}: {' '.join(words)}")
        elapsed = time.monotonic() - start
        share = None
        if others is not None:
            share = max(0.0, (busy() - others) - (own() - mine)) / elapsed / os.cpu_count()
        run = json.loads(done.stdout)
        if best is None or (share or 0) < (best[1] or 0):
            best = (run, share)
        for name, group in run["by_class"].items():
            times[name] = min(group["ms"]["p50"], times.get(name, math.inf))
        for rate in run["throughput"]:
            rates[str(rate["jobs"])] = max(rate["images_per_second"], rates.get(str(rate["jobs"]), 0))
        if share is None or share <= QUIET or elapsed > 120:
            break
    print(f"{tier}, {side} px, jobs {jobs}: others {best[1]}", file=sys.stderr)
    return times, rates, best


def text(x, y, words, kind=""):
    kind = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{kind}>{words}</text>'


def number(v):
    if v >= 1000:
        return f"{v / 1000:g} s"
    return f"{v:g} ms"


def field(box, xs, ys, title, x_words, y_words):
    """Grid, words and the two scales (both logarithmic) of a plot in `box`."""
    left, top, right, bottom = box

    def scale(values, start, end):
        low, high = math.log(values[0]), math.log(values[-1])
        return lambda v: start + (math.log(v) - low) / (high - low) * (end - start)

    x, y = scale(xs, left, right), scale(ys, bottom, top)
    out = [text(left, top - 16, title, "title")]
    for v in xs:
        out.append(f'<path class="grid" d="M{x(v):.1f} {top}V{bottom}"/>' + text(x(v), bottom + 20, x_words(v), "mid"))
    for v in ys:
        out.append(f'<path class="grid" d="M{left} {y(v):.1f}H{right}"/>' + text(left - 8, y(v) + 4.5, y_words(v), "end"))
    out.append(f'<path class="axis" fill="none" d="M{left} {top}V{bottom}H{right}"/>')
    return out, x, y


def line(points, colour):
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)
    return f'<polyline points="{places}" stroke="{colour}"/>{dots}'


def labels(ends, x):
    """Words beside the ends of lines, moved apart where they would lie on each other."""
    out, last = [], -math.inf
    for y, name in sorted(ends):
        last = max(y + 4.5, last + 15)
        out.append(f'<text x="{x + 9:.1f}" y="{last:.1f}" style="fill:{COLOURS[name]}">{name}</text>')
    return out


def document(width, height, body):
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"><style>{STYLE}</style>'
    return head + f'<rect class="page" width="{width}" height="{height}"/>' + "".join(body) + "</svg>\n"


def steps(low, high):
    """Powers of ten, and three times those, around a range."""
    values = sorted(f * 10.0**e for e in range(-3, 7) for f in (1, 3))
    start = max(i for i, v in enumerate(values) if v <= low)
    end = min(i for i, v in enumerate(values) if v >= high)
    return values[start : max(end, start + 1) + 1]


def draw_sizes(figures):
    tiers = [t for t in ("fast", "balanced") if t in figures["sizes"]]
    all_ms = [ms for t in tiers for by in figures["sizes"][t].values() for ms in by.values()]
    ys = steps(min(all_ms), max(all_ms))
    body = []
    for i, tier in enumerate(tiers):
        sizes = figures["sizes"][tier]
        sides = sorted(int(s) for s in sizes)
        left = 70 + i * 470
        out, x, y = field((left, 60, left + 310, 420), sides, ys, f"--quality {tier}", str, number)
        ends = []
        for name in CLASSES:
            points = [(x(s), y(sizes[str(s)][name])) for s in sides if name in sizes[str(s)]]
            if points:
                out.append(line(points, COLOURS[name]))
                ends.append((points[-1][1], name))
        body += out + labels(ends, left + 310)
        body.append(text(left + 155, 460, "longer side, px", "mid"))
    return document(70 + len(tiers) * 470, 480, body)


def draw_jobs(figures):
    rates = figures["jobs"]
    jobs = sorted({int(j) for by in rates.values() for j in by})
    all_rates = [r for by in rates.values() for r in by.values()]
    ys = steps(min(all_rates), max(all_rates))
    out, x, y = field((70, 60, 470, 340), jobs, ys, f"Images a second, {JOBS_SIDE} px", str, lambda v: f"{v:g}")
    ends = []
    for tier, by in rates.items():
        points = [(x(j), y(by[str(j)])) for j in jobs if str(j) in by]
        out.append(line(points, COLOURS[tier]))
        ends.append((points[-1][1], tier))
    cores = figures["cores"]
    return document(580, 400, out + labels(ends, 470) + [text(270, 380, f"--jobs, on {cores} cores", "mid")])


def measure(arguments, figures, save):
    svg_ai, samples = arguments.svg_ai, arguments.samples
    for tier, sides in SIDES.items():
        known = figures["sizes"].setdefault(tier, {})
        for side in sides:
            if str(side) in known or arguments.quick and side > LARGE:
                continue
            times, _, (run, share) = bench(svg_ai, tier, side, samples if side <= LARGE else 1)
            known[str(side)] = {name: round(ms, 3) for name, ms in times.items()}
            figures["others"][f"{tier} {side}"] = None if share is None else round(share, 3)
            figures.update(cores=run["host"]["cores"], version=run["tool_version"])
            save()
    jobs = ",".join(str(j) for j in sorted({1, 2, 4, os.cpu_count() or 1}))
    for tier in SIDES:
        if tier in figures["jobs"]:
            continue
        _, rates, (_, share) = bench(svg_ai, tier, JOBS_SIDE, samples, jobs)
        figures["jobs"][tier] = {jobs: round(rate, 2) for jobs, rate in rates.items()}
        figures["others"][f"{tier} jobs"] = None if share is None else round(share, 3)
        save()


def tables(figures):
    for tier, sizes in figures["sizes"].items():
        sides = sorted(sizes, key=int)
        print(f"\n| {tier}, ms | " + " | ".join(f"{s} px" for s in sides) + " |\n|---|" + "--:|" * len(sides))
        for name in CLASSES:
            cells = [f"{sizes[s][name]:.3g}" if name in sizes[s] else "" for s in sides]
            print(f"| {name} | " + " | ".join(cells) + " |")
    jobs = sorted({j for by in figures["jobs"].values() for j in by}, key=int)
    print("\n| images a second | " + " | ".join(f"{j} jobs" for j in jobs) + " |\n|---|" + "--:|" * len(jobs))
    for tier, by in figures["jobs"].items():
        print(f"| {tier} | " + " | ".join(f"{by.get(j, 0):.1f}" for j in jobs) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("svg_ai")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--samples", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="up to 512 px")
    parser.add_argument("--draw", action="store_true", help="draw the figures that OUT has, without measuring")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    stored = arguments.out / "cost.json"
    figures = {"sizes": {}, "jobs": {}, "others": {}}
    if stored.exists():
        figures = json.loads(stored.read_text())
    if not arguments.draw:
        measure(arguments, figures, lambda: stored.write_text(json.dumps(figures, indent=1) + "\n"))
    (arguments.out / "cost-size.svg").write_text(draw_sizes(figures))
    (arguments.out / "cost-jobs.svg").write_text(draw_jobs(figures))
    tables(figures)


if __name__ == "__main__":
    main()
