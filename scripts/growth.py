#!/usr/bin/env python3
"""How time and memory of the contour engine's fast tier grow with the size of the picture; prints Markdown.

growth.py SVG_AI RASTERIZE [DRAWING.svg ...]

SVG_AI is the program, RASTERIZE examples/rasterize, both built with --release. Drawings are rendered at each size
with the supersampling of RASTERIZE; without any, the one below is used. Time is that of the engine as the report
has it, the least of ROUNDS. Memory is the peak of the process over that of a run on a picture of 16 px, without
the 4 bytes a pixel of the decoded image.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

SIDES = (512, 1024, 2048, 4096)
ROUNDS = 3
# ru_maxrss is in bytes on macOS and in KB elsewhere.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024
DECODED = 4

DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><path fill="#fdf6e3" d="M0 0h64v64H0z"/>
<circle cx="32" cy="32" r="27.3" fill="#268bd2"/><path fill="#fff" d="M13 36q9-22 19-9t19-5q-3 24-19 25T13 36z"/>
<g fill="#d33682"><circle cx="24" cy="22" r="4.1"/><circle cx="41" cy="20.5" r="3.3"/></g>
<path fill="#002b36" d="M21 40l7.2 3.1L36 40l6.5 4.4-14 7.5z"/><path fill="none" stroke="#859900" stroke-width=".9"
d="M6 58c12-9 20 4 31-3s14-2 21 1M5 6l12 5M59 6l-11 6"/><rect x="3" y="27" width="6" height="10" fill="#b58900"/></svg>
"""


def run(svg_ai, picture, scratch):
    """Seconds of the engine and peak memory of the process in bytes."""
    report = scratch / "report.json"
    words = [svg_ai, "convert", "-q", "--quality", "fast", "--engine", "contour", "--no-score", "--jobs", "1"]
    # Sizes are compared here, not deadlines.
    words += ["--timeout", "60s", str(picture), "-o", str(scratch / "out.svg"), "--report", str(report)]
    pid = os.posix_spawnp(words[0], words, os.environ)
    _, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"growth.py: exit code {os.waitstatus_to_exitcode(status)}: {' '.join(words)}")
    times = json.loads(report.read_text())["times"]
    return times["trace_ms"] / 1e3, usage.ru_maxrss * RSS_UNIT


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    svg_ai, rasterize, *drawings = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        if not drawings:
            drawings = [scratch / "drawing.svg"]
            drawings[0].write_text(DRAWING)

        def picture(drawing, side):
            out = scratch / f"{pathlib.Path(drawing).stem}-{side}.png"
            subprocess.run([rasterize, str(drawing), str(out), str(side)], check=True)
            return out

        base = run(svg_ai, picture(drawings[0], 16), scratch)[1]
        print("| side, px | drawings | engine, ms (median) | ns a pixel | bytes a pixel over the image (median) | most |")
        print("|--:|--:|--:|--:|--:|--:|")
        for side in SIDES:
            times, memory, per_pixel = [], [], []
            for drawing in drawings:
                png = picture(drawing, side)
                runs = [run(svg_ai, png, scratch) for _ in range(ROUNDS)]
                # The shorter side may be shorter.
                with open(png, "rb") as file:
                    header = file.read(24)
                pixels = int.from_bytes(header[16:20], "big") * int.from_bytes(header[20:24], "big")
                times.append(min(seconds for seconds, _ in runs))
                per_pixel.append(times[-1] / pixels * 1e9)
                memory.append((statistics.median(peak for _, peak in runs) - base) / pixels - DECODED)
                png.unlink()
            print(
                f"| {side} | {len(drawings)} | {statistics.median(times) * 1e3:.1f} | {statistics.median(per_pixel):.1f}"
                f" | {statistics.median(memory):.1f} | {max(memory):.1f} |"
            )


if __name__ == "__main__":
    main()
