"""Injects faults into the built binary: scripts/faults.sh.

Whatever is done to it, a run of `batch` has to
- end by itself, with an exit code that is documented, and without a panic;
- have a record for every item in its report, `ok` or with a stable code;
- leave an output exactly where the record is `ok`, the same to the byte as an undisturbed run's, and no
  other file that can be seen.
A fault that ends in anything else is counted as not survived, and shown. Everything random is seeded.
"""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

BINARY = Path(sys.argv[1]).resolve()
QUICK = "--quick" in sys.argv
WANTED = [a for a in sys.argv[2:] if not a.startswith("-")]
REPOSITORY = Path(__file__).resolve().parent.parent
SEED = 6
# Deadlines depend on how busy the machine is; they are not what is looked at.
OPTIONS = ["--quality", "fast", "--timeout", "60s", "--no-score", "-q"]
CODES = set(re.findall(r"^\| `([a-z_.]+)` \|", (REPOSITORY / "docs/errors.md").read_text(), re.M))


class Tally:
    def __init__(self):
        self.tried = self.survived = 0
        self.notes = []

    def add(self, problem, tried=1):
        """`problem` is what went wrong with `tried` faults, or nothing."""
        self.tried += tried
        if problem:
            self.notes.append(str(problem)[:300])
        else:
            self.survived += tried


def run(folder, *more, **settings):
    return subprocess.run([BINARY, "batch", *map(os.fsencode, more)], cwd=folder, capture_output=True, timeout=1800, **settings)


def pictures(extension=None):
    found = sorted(p for p in (REPOSITORY / "fixtures").rglob("*") if p.is_file() and p.suffix not in (".svg", ".md"))
    return [p for p in found if "damaged" not in p.parts and extension in (None, p.suffix)]


def report_of(folder, name="r.json"):
    return json.loads((folder / name).read_text())


def visible(folder):
    """Every file below `folder` that is not hidden, as bytes below it."""
    root = os.fsencode(folder)
    for place, _, names in os.walk(root):
        for name in names:
            if not name.startswith(b".svg-ai-"):
                yield os.path.relpath(os.path.join(place, name), root)


def judge(folder, done, items, good=None, codes=(0, 1), gone=False):
    """What is wrong with a run that ended, or nothing. `good` maps an output to the bytes it must have."""
    if done.returncode not in codes:
        return f"exit {done.returncode}: {done.stderr[-200:]}"
    if b"panicked" in done.stderr or b"internal.panic" in done.stderr:
        return f"panic: {done.stderr[-200:]}"
    report = report_of(folder)
    if len(report["items"]) != items:
        return f"{len(report['items'])} records of {items} items"
    outputs = set()
    for item in report["items"]:
        if item["status"] == "ok":
            outputs.add(item["output"])
        elif item["error"]["code"] not in CODES or item["error"]["code"] == "internal.panic":
            return f"{item['input']}: {item['error']}"
    if any(i["status"] == "failed" for i in report["items"]) != (done.returncode == 1) and done.returncode in (0, 1):
        return f"exit {done.returncode} with {report['summary']['status']}"
    if gone:
        return None
    seen = {os.path.join(b"out", name) for name in visible(folder / "out")}
    if seen != {os.fsencode(o) for o in outputs} and not any("\ufffd" in o for o in outputs):
        return f"outputs and records differ: {sorted(seen ^ {os.fsencode(o) for o in outputs})[:3]}"
    return whole(folder, good)


def whole(folder, good):
    for name in visible(folder / "out"):
        text = open(os.path.join(os.fsencode(folder), b"out", name), "rb").read()
        if not (text.startswith(b"<svg ") and text.rstrip().endswith(b"</svg>")):
            return f"{name} is not a whole drawing"
        if good is not None and good.get(name) != text:
            return f"{name} is not what an undisturbed run writes"
    return None


def outputs(folder):
    return {name: open(os.path.join(os.fsencode(folder), b"out", name), "rb").read() for name in visible(folder / "out")}


def timeless(value):
    of_the_run = {"started", "ended", "times", "ms", "seconds", "items_per_second", "peak_memory_bytes", "reused"}
    if isinstance(value, dict):
        return {k: timeless(v) for k, v in value.items() if k not in of_the_run}
    return [timeless(v) for v in value] if isinstance(value, list) else value


def empty(folder):
    for name in ("out", "r.json", "r.json.journal"):
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def fill(folder):
    """A folder of different pictures: how many there are."""
    (folder / "in").mkdir()
    originals = pictures(".png")
    for i, path in enumerate(originals):
        shutil.copy(path, folder / "in" / f"{i:02}.png")
    return len(originals)


def signals(folder, tally, which):
    """A signal at random moments over the length of a run; then the run is resumed."""
    items = fill(folder)
    args = ["in", "-o", "out", "--report", "r.json", "--resume", "-j", "2", *OPTIONS]
    start = time.monotonic()
    if problem := judge(folder, run(folder, *args), items):
        return tally.add(f"undisturbed: {problem}")
    length = time.monotonic() - start
    good, report = outputs(folder), timeless(report_of(folder))
    moments = random.Random(SEED)
    for _ in range(10 if QUICK else 100):
        empty(folder)
        child = subprocess.Popen([BINARY, "batch", *args], cwd=folder, stderr=subprocess.PIPE)
        time.sleep(moments.uniform(0, length))
        child.send_signal(which)
        _, said = child.communicate()
        problem = whole(folder, good) if (folder / "out").exists() else None
        if which == signal.SIGKILL:
            ended = child.returncode in (-signal.SIGKILL, 0)
        else:
            # Before the handler is in place, a signal does what it does to any program.
            ended = child.returncode in (130, -which, 0)
        problem = problem or (None if ended else f"exit {child.returncode}: {said[-200:]}")
        if child.returncode == 130:
            stopped = report_of(folder)
            if len(stopped["items"]) != items or not stopped["interrupted"]:
                problem = problem or "the report of an interrupted run is not whole"
        problem = problem or judge(folder, run(folder, *args), items, good)
        if not problem and (outputs(folder) != good or timeless(report_of(folder)) != report):
            problem = "the resumed run differs from one that was never stopped"
        leftovers = [n for n in os.listdir(folder / "out") if n.startswith(".svg-ai-")]
        tally.add(problem or (f"left behind: {leftovers}" if leftovers else None))


def sigkill(folder, tally):
    signals(folder, tally, signal.SIGKILL)


def sigterm(folder, tally):
    signals(folder, tally, signal.SIGTERM)


def sigint(folder, tally):
    signals(folder, tally, signal.SIGINT)


def full_disk(folder, tally):
    """Output folders on file systems of 4 to 400 kB, with the report on another."""
    items = fill(folder)
    run(folder, "in", "-o", "out", *OPTIONS)
    good = outputs(folder)
    shutil.rmtree(folder / "out")
    (folder / "out").mkdir()
    for size in [4, 8, 16, 32, 64, 100, 200, 400]:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "none", folder / "out"], capture_output=True).returncode:
            return tally.notes.append("left out: mounting needs root")
        try:
            done = run(folder, "in", "-o", "out", "--report", "r.json", "-j", "2", *OPTIONS)
            problem = judge(folder, done, items, good)
            failures = report_of(folder)["summary"]["failures"]
            tally.add(problem or (f"codes {failures}" if set(failures) - {"output.unwritable"} else None))
        finally:
            subprocess.run(["umount", folder / "out"], check=True)


def no_output_folder(folder, tally):
    """A read-only file system, a file in the way, a folder that is taken away again and again."""
    items = fill(folder)
    args = ["in", "-o", "out", "--report", "r.json", "-j", "2", *OPTIONS]

    def all_unwritable():
        return report_of(folder)["summary"]["failures"] == {"output.unwritable": items}

    (folder / "out").mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=4k", "none", folder / "out"], capture_output=True).returncode:
        tally.notes.append("read-only left out: mounting needs root")
    else:
        try:
            problem = judge(folder, run(folder, *args), items)
            tally.add(problem or (None if all_unwritable() else "other codes"))
        finally:
            subprocess.run(["umount", folder / "out"], check=True)
    shutil.rmtree(folder / "out")
    (folder / "out").write_text("in the way")
    done = run(folder, *args)
    tally.add(judge(folder, done, items, gone=True) or (None if all_unwritable() else "other codes"))
    (folder / "out").unlink()
    for _ in range(5 if QUICK else 20):
        over = threading.Event()

        def vanish():
            while not over.wait(0.02):
                shutil.rmtree(folder / "out", ignore_errors=True)

        thread = threading.Thread(target=vanish)
        thread.start()
        done = run(folder, *args)
        over.set()
        thread.join()
        tally.add(judge(folder, done, items, gone=True))
        shutil.rmtree(folder / "out", ignore_errors=True)


def odd_inputs(folder, tally):
    """Unreadable, vanishing, growing, changing and looped inputs, and ones that are no files."""
    (folder / "in").mkdir()
    originals = pictures(".png")[:40]
    for round_ in range(5 if QUICK else 20):
        moments = random.Random(SEED + round_)
        shutil.rmtree(folder / "in")
        (folder / "in" / "deep").mkdir(parents=True)
        for i, path in enumerate(originals):
            shutil.copy(path, folder / "in" / f"{i:02}.png")
        (folder / "in" / "loop").symlink_to(".")
        (folder / "in" / "deep" / "up").symlink_to("../deep")
        (folder / "in" / "nowhere.png").symlink_to("gone.png")
        (folder / "in" / "self.png").symlink_to("self.png")
        (folder / "in" / "memory.png").symlink_to("/proc/self/mem")
        (folder / "in" / "folder.png").mkdir()
        over = threading.Event()

        def disturb():
            while not over.wait(0.003):
                path = folder / "in" / f"{moments.randrange(len(originals)):02}.png"
                what = moments.randrange(3)
                try:
                    if what == 0:
                        path.unlink()
                    elif what == 1:
                        with open(path, "ab") as file:
                            file.write(b"more" * 100)
                    else:
                        path.write_bytes(originals[0].read_bytes()[: moments.randrange(300)])
                except FileNotFoundError:
                    pass

        thread = threading.Thread(target=disturb)
        shutil.rmtree(folder / "out", ignore_errors=True)
        listing = len(originals) + 5
        thread.start()
        done = run(folder, "in", "-o", "out", "--report", "r.json", "-j", "2", *OPTIONS)
        over.set()
        thread.join()
        # What has gone before it was listed is no item.
        items = len(report_of(folder)["items"])
        problem = None if listing - len(originals) <= items <= listing else f"{items} of {listing} items"
        tally.add(problem or judge(folder, done, items))


def damaged(folder, tally, name, cases):
    """Many files in one run, each damaged in its own way; none may hurt another, nor end in a panic."""
    count = 0
    for i, (stem, data) in enumerate(cases):
        place = folder / "in" / f"{i // 1000:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{i:06}-{stem}").write_bytes(data)
        count += 1
    done = run(folder, "in", "-o", "out", "--keep-extension", "--report", "r.json", *OPTIONS)
    problem = judge(folder, done, count)
    tally.add(problem, count)
    statuses = report_of(folder)["summary"]
    tally.notes.append(f"{name}: {statuses['status']}, {statuses['failures']}")


def truncated(folder, tally):
    """Each fixture cut at places spread over its length, the first and last bytes among them."""
    places = 10 if QUICK else 100

    def cases():
        for path in pictures():
            data = path.read_bytes()
            for place in range(places):
                yield path.name, data[: len(data) * place // places]

    damaged(folder, tally, "truncated", cases())


def bit_flips(folder, tally):
    """Seeded flips of one to four bits in fixtures."""

    def cases():
        moments = random.Random(SEED)
        sources = [(p.name, p.read_bytes()) for p in pictures()]
        for _ in range(1000 if QUICK else 10_000):
            name, data = moments.choice(sources)
            data = bytearray(data)
            for _ in range(moments.randint(1, 4)):
                at = moments.randrange(len(data) * 8)
                data[at // 8] ^= 1 << at % 8
            yield name, bytes(data)

    damaged(folder, tally, "bit flips", cases())


def same_names(folder, tally):
    """One name in a thousand folders: kept apart by the tree, refused as a whole where it is not kept."""
    picture = pictures(".png")[0]
    for i in range(1000):
        place = folder / "in" / f"{i:04}"
        place.mkdir(parents=True)
        shutil.copy(picture, place / "same.png")
    done = run(folder, "in", "-o", "out", "--report", "r.json", *OPTIONS)
    tally.add(judge(folder, done, 1000, codes=(0,)), 1000)
    (folder / "list").write_text("".join(f"in/{i:04}/same.png\n" for i in range(1000)))
    done = run(folder, "--files-from", "list", "-o", "flat", *OPTIONS)
    refused = done.returncode == 2 and b"output.collision" in done.stderr and not (folder / "flat").exists()
    tally.add(None if refused else f"exit {done.returncode}: {done.stderr[-200:]}")


def many_files(folder, tally):
    """A hundred thousand files in one folder; then nothing to do for a second run."""
    count = 2000 if QUICK else 100_000
    (folder / "in").mkdir()
    picture = min(pictures(".png"), key=lambda p: p.stat().st_size).read_bytes()
    for i in range(count):
        (folder / "in" / f"{i:06}.png").write_bytes(picture)
    args = ["in", "-o", "out", "--report", "r.json", "--resume", *OPTIONS]
    for reused in (0, count):
        start = time.monotonic()
        done = run(folder, *args)
        took = time.monotonic() - start
        problem = judge(folder, done, count, codes=(0,))
        summary = report_of(folder)["summary"]
        problem = problem or (None if summary["reused"] == reused else f"{summary['reused']} reused")
        tally.add(problem, count if reused == 0 else 1)
        peak = (summary["peak_memory_bytes"] or 0) / 1e6
        tally.notes.append(f"many files, {reused} done before: {took:.1f} s, peak {peak:.0f} MB")


def long_paths(folder, tally):
    """Names of 255 bytes, and paths of up to 5,000 bytes, which is more than the system takes in one call."""
    picture = pictures(".png")[0].read_bytes()
    (folder / "in").mkdir()
    (folder / "in" / "plain.png").write_bytes(picture)
    (folder / "in" / ("n" * 251 + ".png")).write_bytes(picture)
    here = os.getcwd()
    os.chdir(folder / "in")
    # One by one, since nobody can name such a place as a whole.
    for _ in range(20):
        os.mkdir("d" * 250)
        os.chdir("d" * 250)
        Path("deep.png").write_bytes(picture)
    os.chdir(here)
    done = run(folder, "in", "-o", "out", "--report", "r.json", *OPTIONS)
    report = report_of(folder)
    problem = judge(folder, done, len(report["items"]), gone=True)
    fine = [i for i in report["items"] if i["status"] == "ok"]
    if not problem and len(fine) < 2 + 14:
        problem = f"only {len(fine)} were converted: {report['summary']['failures']}"
    tally.add(problem, 22)
    tally.notes.append(f"long paths: {report['summary']['status']}, {report['summary']['failures']}")
    subprocess.run(["rm", "-rf", folder / "in", folder / "out"], check=True)


def odd_names(folder, tally):
    """Names that are not UTF-8, that steer terminals, that look like options."""
    picture = pictures(".png")[0].read_bytes()
    names = [b"%c.png" % byte for byte in range(1, 256) if byte not in b"/." and chr(byte).upper() == chr(byte)]
    names += [b"\xff\xfe%d.png" % i for i in range(100)] + [b"\xed\xa0\x80.png", b"-o.png", b"--jobs.png", b"\xe2\x80\xae.png"]
    names += [b"two\nlines.png", b"\x1b[2J.png", b"a" * 251 + b".png", b" .png", b"...png"]
    names = sorted({n for n in names if not n.startswith(b".")})
    os.mkdir(folder / "in")
    for name in names:
        with open(os.path.join(os.fsencode(folder), b"in", name), "wb") as file:
            file.write(picture)
    for reused in (0, len(names)):
        done = run(folder, "in", "-o", "out", "--report", "r.json", "--resume", *OPTIONS)
        problem = judge(folder, done, len(names), codes=(0,))
        made = {n for n in visible(folder / "out")}
        if not problem and made != {n[:-4] + b".svg" for n in names}:
            problem = f"{len(made)} of {len(names)} outputs"
        if not problem and report_of(folder)["summary"]["reused"] != reused:
            problem = f"{report_of(folder)['summary']['reused']} of {reused} known again"
        tally.add(problem, len(names))


FAULTS = {
    "SIGKILL, then resumed": sigkill,
    "SIGTERM, then resumed": sigterm,
    "SIGINT, then resumed": sigint,
    "full disk": full_disk,
    "output folder read-only, in the way, vanishing": no_output_folder,
    "inputs unreadable, vanishing, growing, changing, looped": odd_inputs,
    "truncated files": truncated,
    "files with flipped bits": bit_flips,
    "one name a thousand times": same_names,
    "files in one folder": many_files,
    "paths of up to 5,000 bytes": long_paths,
    "names that are not UTF-8, or worse": odd_names,
}


def main():
    failed = False
    print(f"{'fault':<58}{'tried':>8}{'survived':>10}{'seconds':>9}")
    for name, inject in FAULTS.items():
        if WANTED and inject.__name__ not in WANTED:
            continue
        tally, start = Tally(), time.monotonic()
        with tempfile.TemporaryDirectory(prefix="svg-ai-faults-") as place:
            inject(Path(place), tally)
        print(f"{name:<58}{tally.tried:>8}{tally.survived:>10}{time.monotonic() - start:>9.0f}", flush=True)
        failed |= tally.survived < tally.tried
        for note in tally.notes[:10]:
            print(f"    {note}", flush=True)
    sys.exit(1 if failed else 0)


main()
