"""The static binary in an empty root, as a container would run it (started by scripts/container.sh)."""

import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOBODY = 65532
# 400 MiB: too little for the picture of 16 megapixels, enough for all others.
LIMIT = 400 << 20
CGROUPS = pathlib.Path("/sys/fs/cgroup")


def fail(why):
    sys.exit(f"FAILED: {why}")


def large_png(side):
    """A picture of side x side px in a few kilobytes."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" + bytes(range(256)) * (side // 256)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(row * side, 9))
        + chunk(b"IEND", b"")
    )


class Group:
    """A control group with a limit of memory, of version 2 or 1."""

    def __init__(self):
        v2 = (CGROUPS / "cgroup.controllers").exists()
        parent = CGROUPS if v2 else CGROUPS / "memory"
        if v2:
            (parent / "cgroup.subtree_control").write_text("+memory")
        self.path = parent / f"svg-ai-container-{os.getpid()}"
        self.path.mkdir()
        (self.path / ("memory.max" if v2 else "memory.limit_in_bytes")).write_text(str(LIMIT))

    def remove(self):
        self.path.rmdir()


def main(binary):
    # Before anything is set up: no interpreter, so no library is asked for.
    header = subprocess.run(["readelf", "--program-headers", binary], capture_output=True, text=True, check=True)
    if "INTERP" in header.stdout:
        fail(f"{binary} is not static")

    work = pathlib.Path(tempfile.mkdtemp(prefix="svg-ai-container-"))
    group = Group()
    try:
        image, art, out = work / "image", work / "art", work / "out"
        for folder in [image, art, out, image / "in", image / "out", image / "tmp", image / "proc"]:
            folder.mkdir()
        for name in ["sys", "sys/fs", "sys/fs/cgroup"]:
            (image / name).mkdir()
        shutil.copy(binary, image / "svg-ai")
        (image / "svg-ai").chmod(0o755)
        pictures = sorted((ROOT / "fixtures/images").glob("*/*-2.png"))
        for picture in pictures:
            shutil.copy(picture, art)
        work.chmod(0o755)
        os.chown(out, NOBODY, NOBODY)

        # What `docker run --read-only --cap-drop ALL --network none --security-opt no-new-privileges` does.
        setup = f"""
            mount --make-rprivate / &&
            mount --bind {image} {image} && mount -o remount,bind,ro {image} &&
            mount --bind {art} {image}/in && mount -o remount,bind,ro {image}/in &&
            mount --bind {out} {image}/out &&
            mount -t tmpfs -o size=64m,mode=1777 tmpfs {image}/tmp &&
            mount -t proc proc {image}/proc &&
            mount --rbind {CGROUPS} {image}/sys/fs/cgroup &&
            exec setpriv --no-new-privs --bounding-set=-all,+sys_chroot,+setuid,+setgid \\
              chroot --userspec={NOBODY}:{NOBODY} --groups= {image} /svg-ai "$@"
        """

        def run(*args, expected=0):
            def enter():
                (group.path / "cgroup.procs").write_text(str(os.getpid()))

            command = ["unshare", "--mount", "--pid", "--fork", "--net", "--ipc", "sh", "-c", setup, "sh", *args]
            # Exactly this environment: an image has no variables of ours.
            env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
            ran = subprocess.run(command, capture_output=True, text=True, preexec_fn=enter, env=env)
            if ran.returncode != expected:
                fail(f"{' '.join(args)} ended with {ran.returncode}, not {expected}:\n{ran.stdout}{ran.stderr}")
            return ran

        print(run("--version").stdout.strip())

        batch = ["batch", "/in", "-o", "/out", "--quality", "fast", "--report", "/out/r.json", "--html", "/out/r.html"]
        run(*batch, "-q")
        report = json.loads((out / "r.json").read_text())
        if report["summary"]["status"] != {"ok": len(pictures)}:
            fail(f"not every picture was converted: {report['summary']}")
        for item in report["items"]:
            written = out / pathlib.Path(item["output"]).relative_to("/out")
            if not written.read_bytes().startswith(b"<svg") or written.stat().st_uid != NOBODY:
                fail(f"{written} is not a drawing that nobody made")
        print(f"{len(pictures)} pictures converted in an empty, read-only root, as user {NOBODY}")

        refused = run("batch", "/in", "-o", "/elsewhere", "--report-format", "jsonl", "-q", expected=1)
        codes = {json.loads(line)["error"]["code"] for line in refused.stdout.splitlines()}
        if codes != {"output.unwritable"} or (image / "elsewhere").exists():
            fail(f"writing to the root ended with {codes}")
        refused = run("convert", "/in/" + pictures[0].name, "-o", "/in/x.svg", "-q", expected=1)
        if "output.unwritable" not in refused.stderr:
            fail(refused.stderr)
        print("nothing can be written outside of the mounted folder")

        (art / "large.png").write_bytes(large_png(4096))
        run(*batch, "-q", "--oversized", "refuse", expected=1)
        report = json.loads((out / "r.json").read_text())
        failed = {pathlib.Path(i["input"]).name: i["error"]["code"] for i in report["items"] if i["error"]}
        if failed != {"large.png": "input.over_memory"}:
            fail(f"under a limit of {LIMIT >> 20} MiB these failed: {failed}")
        peak = report["summary"]["peak_memory_bytes"]
        if not peak < LIMIT:
            fail(f"it took {peak} bytes")
        print(
            f"under a limit of {LIMIT >> 20} MiB (peak {peak / 1e6:.0f} MB) a picture that would take more is "
            "refused, the others are done"
        )
    finally:
        group.remove()
        shutil.rmtree(work, ignore_errors=True)
    print("The container's promises hold.")


if __name__ == "__main__":
    main(sys.argv[1])
