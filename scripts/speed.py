#!/usr/bin/env python3
"""Times svg-ai against vtracer in interleaved runs, prints Markdown. Run by speed.sh, which makes the pictures.

speed.py SVG_AI VTRACER PICTURES ROUNDS STARTS
"""

import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import time

# ru_maxrss is in bytes on macOS and in KB elsewhere.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024

# Every pixel is traced, as vtracer does it: the presets average larger pictures of some classes first.
WHOLE = ("--engine-option", "megapixels=0")

# Load per core above which somebody else is working, too; making the pictures leaves some.
BUSY = 0.75


# Share of a core that others may take during a run that counts, and tries to find such a moment.
QUIET, TRIES = 0.06, 12

disturbed = 0


def busy():
    """Seconds of all cores that anybody has used since the machine started; None where that is not told."""
    try:
        with open("/proc/stat") as stat:
            ticks = [int(word) for word in stat.readline().split()[1:]]
    except OSError:
        return None
    # User, nice, system, interrupts, stolen: all but idle and waiting.
    return sum(ticks[i] for i in (0, 1, 2, 5, 6, 7)) / os.sysconf("SC_CLK_TCK")


def quiet_run(words, allowed=(0,)):
    """Seconds of a command at a moment when nobody else used the machine, if there is one."""
    global disturbed
    for _ in range(TRIES):
        before, start = busy(), time.monotonic()
        seconds, _, used = run(words, allowed)
        if before is None:
            return seconds
        # Ticks are coarse: two of them prove nothing.
        if busy() - before - used <= max(QUIET * (time.monotonic() - start), 0.02):
            return seconds
        time.sleep(0.5)
    disturbed += 1
    return seconds


def run(words, allowed=(0,)):
    """Runs a command; seconds, peak memory of the process in bytes, and seconds of processors used."""
    null = os.open(os.devnull, os.O_RDWR)
    streams = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1)]
    start = time.monotonic()
    pid = os.posix_spawnp(words[0], words, os.environ, file_actions=streams)
    _, status, usage = os.wait4(pid, 0)
    elapsed = time.monotonic() - start
    os.close(null)
    code = os.waitstatus_to_exitcode(status)
    if code not in allowed:
        sys.exit(f"speed.py: exit code {code}: {' '.join(words)}")
    return elapsed, usage.ru_maxrss * RSS_UNIT, usage.ru_utime + usage.ru_stime


def interleaved(commands, rounds, allowed=(0,)):
    """Seconds of each command in each round; the order turns, so that none is always first."""
    names = list(commands)
    times = {name: [] for name in names}
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            times[name].append(quiet_run(commands[name], allowed))
    return times


def spread(values, digits):
    return " | ".join(f"{v:.{digits}f}" for v in (min(values), statistics.median(values), max(values)))


def single(svg_ai, vtracer, pictures, side, rounds, scratch):
    """Whole processes on one picture at a time."""
    out = str(scratch / "out.svg")
    ratios, times = {}, {}
    images = sorted((pictures / f"single-{side}").glob("*.png"))
    for image in images:
        convert = [svg_ai, "convert", "-q", "--quality", "fast", "--engine", "vtracer", *WHOLE, str(image), "-o", out]
        commands = {
            "svg-ai": convert,
            "svg-ai --no-score": [*convert, "--no-score"],
            "vtracer": [vtracer, "--input", str(image), "--output", out],
        }
        # Files are read once before anything counts.
        interleaved(commands, 1)
        found = interleaved(commands, rounds)
        for name, seconds in found.items():
            times.setdefault(name, []).append(statistics.median(seconds) * 1e3)
            if name != "vtracer":
                ratio = statistics.median(a / b for a, b in zip(seconds, found["vtracer"]))
                ratios.setdefault(name, []).append(ratio)
    for name, values in times.items():
        against = spread(ratios[name], 2) if name in ratios else "| 1 |"
        print(f"| {name} | {side} px | {len(images)} | {spread(values, 1)} | {against} |")


def batch(svg_ai, vtracer, pictures, rounds, scratch):
    """The same set of small pictures by each tool, in images a second."""
    folder = pictures / "batch"
    count = len(list(folder.glob("*.png")))
    out = scratch / "batch"
    out.mkdir()
    listed = scratch / "list"
    listed.write_bytes(b"".join(bytes(p) + b"\0" for p in sorted(folder.glob("*.png"))))

    def ours(jobs, *more):
        words = [svg_ai, "batch", "-q", str(folder), "-o", str(out), "--quality", "fast", "--engine", "vtracer", *WHOLE]
        return [*words, "--jobs", str(jobs), *more]

    def xargs(jobs):
        inner = f'"$0" --input "$1" --output "{out}/$(basename "$1" .png).svg"'
        return ["xargs", "-0", "-a", str(listed), "-n", "1", "-P", str(jobs), "sh", "-c", inner, vtracer]

    if sys.platform == "darwin":
        # BSD xargs has no -a.
        def xargs(jobs, xargs=xargs):
            words = [w for w in xargs(jobs) if w not in ("-a", str(listed))]
            return ["sh", "-c", f'"$@" < "{listed}"', "sh", *words]

    commands = {
        "svg-ai batch --jobs 2": ours(2),
        "svg-ai batch --jobs 2 --no-score": ours(2, "--no-score"),
        "svg-ai batch --jobs 1": ours(1),
        "svg-ai batch --jobs 1 --no-score": ours(1, "--no-score"),
        "xargs -P2 vtracer": xargs(2),
    }
    times = interleaved(commands, rounds)
    print(f"\n## {count} pictures of 512 px ({rounds} rounds, interleaved)\n")
    print("| command | images/s min | median | max | time, × xargs -P2 vtracer: min | median | max |\n|---|--:|--:|--:|--:|--:|--:|")
    for name, seconds in times.items():
        ratios = [a / b for a, b in zip(seconds, times["xargs -P2 vtracer"])]
        print(f"| `{name}` | {spread([count / s for s in seconds], 1)} | {spread(ratios, 2)} |")
    print("\n| two jobs against one | min | median | max |\n|---|--:|--:|--:|")
    for more in ("", " --no-score"):
        pairs = zip(times[f"svg-ai batch --jobs 1{more}"], times[f"svg-ai batch --jobs 2{more}"])
        print(f"| speed-up{', `' + more.strip() + '`' if more else ', scored'} | {spread([a / b for a, b in pairs], 2)} |")


def memory(svg_ai, vtracer, pictures, scratch):
    """Peak memory of the process over pictures of up to 16 megapixels."""
    folder = pictures / "memory"
    images = sorted(folder.glob("*.png"), key=lambda p: p.stat().st_size)
    large = [p for p in images if not p.stem.endswith("-512")]
    print(f"\n## Peak memory, {len(images)} pictures, {len(large)} of them 4 to 16 megapixels\n")
    print("| command | peak, MB | time, s |\n|---|--:|--:|")
    common = [svg_ai, "batch", "-q", str(folder), "-o", str(scratch / "memory")]
    for more in (["--quality", "fast"], ["--quality", "fast", "--no-score"], ["--quality", "balanced"]):
        # 1: a picture that is not done by its deadline counts, too.
        seconds, peak, _ = run([*common, "--jobs", "2", *more], allowed=(0, 1))
        print(f"| `svg-ai batch --jobs 2 {' '.join(more)}` | {peak / 1e6:.0f} | {seconds:.1f} |")
    biggest = sorted(folder.glob("*-4096.png"))[:4]
    peaks = [run([vtracer, "--input", str(p), "--output", str(scratch / "m.svg")]) for p in biggest]
    if peaks:
        print(f"| `vtracer`, one picture of 4096 px at a time, the worst of {len(peaks)} | {max(p for _, p, _ in peaks) / 1e6:.0f} | |")


def main():
    svg_ai, vtracer, pictures, rounds, starts = sys.argv[1:]
    pictures, rounds, starts = pathlib.Path(pictures), int(rounds), int(starts)
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="speed-", dir=pictures))
    load = os.getloadavg()[0]
    # Elsewhere quiet moments are looked for, and it is said at the end how often there was none.
    if busy() is None and load > BUSY * os.cpu_count():
        print(f"**The machine was busy (load {load:.1f}): times are too long, and those of several jobs mean little.**\n")
    try:
        print(f"## Start ({starts} runs)\n\n| command | min, ms | median | max |\n|---|--:|--:|--:|")
        for name, words in {"svg-ai --version": [svg_ai, "--version"], "vtracer --version": [vtracer, "--version"]}.items():
            print(f"| `{name}` | {spread([run(words)[0] * 1e3 for _ in range(starts)], 1)} |")
        print(f"\n## One picture ({rounds} rounds, interleaved; whole processes)\n")
        print("| tool | side | pictures | ms min | median | max | time, × vtracer: min | median | max |")
        print("|---|---|--:|--:|--:|--:|--:|--:|--:|")
        for side in (512, 2048):
            single(svg_ai, vtracer, pictures, side, rounds, scratch)
            sys.stdout.flush()
        batch(svg_ai, vtracer, pictures, max(3, rounds // 2), scratch)
        sys.stdout.flush()
        memory(svg_ai, vtracer, pictures, scratch)
        if disturbed:
            print(f"\n**In {disturbed} of the runs somebody else was working, too.**")
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
