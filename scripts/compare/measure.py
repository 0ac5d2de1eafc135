#!/usr/bin/env python3
"""Runs every tool on every picture, scores what they wrote against the known drawings, prints Markdown.

measure.py SETTINGS.json, written by compare.sh:
  svg_ai   the binary that scores (and is one of the tools)
  set      folder with known/ (SVG), images/ (PNG, what the tools see), bmp/ (the same, mono only), truth/ (PNG, larger)
  out      folder for what the tools write
  side, truth_side, alpha
  tools    [{name, command: [words with {in}, {bmp} and {out}], classes: [] for all, note}]
"""

import json
import math
import pathlib
import statistics
import subprocess
import sys
import time

# A tool that takes longer on one picture has failed on it, seconds.
TIMEOUT = 120


def trace(tool, images, settings):
    """Runs the tool on each picture; the seconds of the whole process, by picture."""
    folder = pathlib.Path(settings["out"]) / tool["name"].replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    seconds, errors = {}, {}
    for image in images:
        output = folder / f"{image.stem}.svg"
        places = {
            "{in}": str(image),
            "{bmp}": str(image.parent.parent / "bmp" / f"{image.stem}.bmp"),
            "{out}": str(output),
        }
        words = []
        for word in tool["command"]:
            for place, path in places.items():
                word = word.replace(place, path)
            words.append(word)
        start = time.monotonic()
        try:
            done = subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT)
            problem = None if done.returncode == 0 else done.stderr.decode("utf-8", "replace").strip()[-200:]
            problem = problem if problem is None else f"exit code {done.returncode}: {problem}"
        except subprocess.TimeoutExpired:
            problem = f"not done after {TIMEOUT} s"
        except OSError as error:
            problem = str(error)
        elapsed = time.monotonic() - start
        if problem is None and not output.is_file():
            problem = "wrote no SVG"
        # An SVG that carries the picture inside is no trace; it would score as a perfect one.
        if problem is None and b"<image" in output.read_bytes():
            problem = "wrote the picture into the SVG instead of tracing it"
        if problem is None:
            seconds[image.stem] = elapsed
        else:
            output.unlink(missing_ok=True)
            errors[image.stem] = problem
    return folder, seconds, errors


def score(svg_ai, truth, folder):
    """The records of `svg-ai score`, by picture."""
    words = [svg_ai, "score", str(truth), str(folder), "--metrics", "full", "--format", "json", "--quiet"]
    done = subprocess.run(words, capture_output=True, check=False)
    # 1: some SVGs could not be scored; they are told apart below.
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(words)}: {done.stderr.decode('utf-8', 'replace')}")
    return {pathlib.Path(item["input"]).stem: item for item in json.loads(done.stdout)}


def figures(metrics, alpha):
    """ΔE₀₀ and SSIMULACRA2 of one record; with transparency, over the worse of the two grounds."""
    grounds = [metrics["over_white"], metrics["over_black"]] if alpha else [metrics["over_white"]]
    return max(g["delta_e_mean"] for g in grounds), min(g["ssimulacra2"] for g in grounds)


def percentile(values, share):
    """The smallest value that `share` of the values do not exceed."""
    values = sorted(values)
    return values[max(0, math.ceil(share * len(values)) - 1)]


def ratio(pairs):
    """Geometric mean of the ratios; a count of nothing is taken as one."""
    return math.exp(statistics.fmean(math.log(max(a, 1) / max(b, 1)) for a, b in pairs))


def row(tool, names, known, alpha):
    """One line of a table, or None when the tool is not for these pictures."""
    if tool["classes"]:
        if any(name.split("--")[0] not in tool["classes"] for name in names):
            return None
    good = [n for n in names if n in tool["metrics"]]
    if not good:
        return f"| {tool['name']} | {len(names)} of {len(names)} | | | | | | | | | |"
    pairs = {n: figures(tool["metrics"][n], alpha) for n in good}
    delta = [pairs[n][0] for n in good]
    economy = lambda key: ratio([(tool["metrics"][n]["economy"][key], known[n]["economy"][key]) for n in good])
    times = [tool["seconds"][n] * 1e3 for n in good if n in tool["seconds"]]
    cells = [
        tool["name"],
        f"{len(names) - len(good)}" if len(good) == len(names) else f"**{len(names) - len(good)}**",
        f"{statistics.fmean(delta):.3f}",
        f"{statistics.median(delta):.3f}",
        f"{percentile(delta, 0.9):.3f}",
        f"{max(delta):.2f}",
        f"{statistics.fmean(pairs[n][1] for n in good):.1f}",
        f"{economy('nodes'):.2f}",
        f"{economy('numbers'):.2f}",
        f"{economy('bytes'):.2f}",
        f"{statistics.median(times):.0f}" if times else "",
    ]
    return "| " + " | ".join(cells) + " |"


HEAD = (
    "| tool | failed | ΔE₀₀ mean | median | p90 | worst | SSIMULACRA2 | nodes × | numbers × | bytes × | median ms |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def main():
    settings = json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8"))
    set_, alpha = pathlib.Path(settings["set"]), settings["alpha"]
    images = sorted((set_ / "images").glob("*.png"))
    names = [image.stem for image in images]
    records = score(settings["svg_ai"], set_ / "truth", set_ / "known")
    broken = [n for n in names if not records[n].get("metrics")]
    for name in broken:
        print(f"left out, cannot be drawn: {name}: {records[name]['error']['message']}", file=sys.stderr)
    images = [i for i in images if i.stem not in broken]
    names = [n for n in names if n not in broken]
    known = {n: records[n]["metrics"] for n in names}
    problems = []
    rows = [{"name": "(the drawing itself)", "classes": [], "metrics": known, "seconds": {}}]
    for tool in settings["tools"]:
        mine = [i for i in images if not tool["classes"] or i.stem.split("--")[0] in tool["classes"]]
        print(f"{tool['name']}: {len(mine)} pictures", file=sys.stderr, flush=True)
        folder, seconds, errors = trace(tool, mine, settings)
        records = score(settings["svg_ai"], set_ / "truth", folder)
        metrics = {i.stem: records[i.stem]["metrics"] for i in mine if records[i.stem].get("metrics")}
        for image in mine:
            if image.stem not in metrics:
                why = errors.get(image.stem) or records[image.stem]["error"]["message"]
                problems.append(f"{tool['name']}: {image.stem}: {why}")
        rows.append({**tool, "metrics": metrics, "seconds": seconds})
    classes = list(dict.fromkeys(n.split("--")[0] for n in names))
    for title, group in [("All", names)] + [(c, [n for n in names if n.startswith(c + "--")]) for c in classes]:
        print(f"### {title} ({len(group)} pictures)\n\n{HEAD}")
        for line in filter(None, (row(tool, group, known, alpha) for tool in rows)):
            print(line)
        print()
    if problems:
        print("### Failures\n")
        for problem in problems:
            print(f"- {problem}")
        print()
    if broken:
        print(f"{len(broken)} drawings were left out, since the renderer refuses them: {', '.join(broken)}.\n")


main()
