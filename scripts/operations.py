"""Types docs/operations.md into a booted machine (started by scripts/operations.sh)."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
MANUAL = (ROOT / "docs/operations.md").read_text()
# How long anything may take that should take some seconds; the machine may be busy.
PATIENCE = 180


def wait_for(what, ask, patience=PATIENCE):
    """The first true answer of `ask`."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if answer := ask():
            return answer
        time.sleep(1)
    sys.exit(f"FAILED: {what}: not within {patience} s")


class Machine:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.log = (self.folder.parent / "boot.log").open("w+")
        # What a shell would ask of a person.
        (self.folder / "etc/apt/apt.conf.d/90yes").write_text('APT::Get::Assume-Yes "true";\nDPkg::Options:: "--force-confnew";\n')
        shutil.copy("/etc/resolv.conf", self.folder / "etc/resolv.conf")
        (self.folder / "etc/hostname").write_text("machine\n")
        (self.folder / "etc/hosts").write_text("127.0.0.1 localhost machine\n")
        words = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--resolv-conf=off", "-b", "-D", self.folder]
        self.container = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.leader = wait_for("the machine boots", self.leader_of)
        wait_for("its systemd is up", lambda: self.say("systemctl is-system-running", None) in ("running", "degraded"))

    def leader_of(self):
        if self.container.poll() is not None:
            self.log.seek(0)
            sys.exit(f"FAILED: systemd-nspawn ended:\n{self.log.read()}")
        children = pathlib.Path(f"/proc/{self.container.pid}/task/{self.container.pid}/children").read_text().split()
        return children[0] if children else None

    def run(self, line):
        words = ["nsenter", "--target", self.leader, "--mount", "--uts", "--ipc", "--pid", "--root", "--wd"]
        words += ["/usr/bin/env", "-i", "HOME=/root", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"]
        words += ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "bash", "-c", f"cd /root; {line}"]
        return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def say(self, line, expected=0):
        """Runs a line; what it says. It has to end with `expected`, if that is given."""
        done = self.run(line)
        if expected is not None and done.returncode != expected:
            journal = self.run("journalctl --no-pager -n 40").stdout
            sys.exit(f"FAILED: exit code {done.returncode}, not {expected}: {line}\n{done.stdout}\n{journal}")
        return done.stdout.strip()

    def manual(self, line, expected=0):
        """A line of the manual, as it stands there."""
        if line not in MANUAL:
            sys.exit(f"FAILED: the manual does not say: {line}")
        print(f"    {line}", flush=True)
        return self.say(line, expected)

    def stop(self):
        self.container.terminate()
        self.container.wait()


def pictures(into):
    into.mkdir(parents=True, exist_ok=True)
    for picture in sorted((ROOT / "fixtures/images").glob("*/*-1.png")):
        shutil.copy(picture, into)
    return len(list(into.glob("*.png")))


def main(folder, package):
    machine = Machine(folder)
    inside = machine.folder
    try:
        follow(machine, inside, pathlib.Path(package))
    finally:
        machine.stop()
    print("The manual leads from an empty machine to a watched job, and back.")


def follow(machine, inside, package):
    say, manual = machine.say, machine.manual
    print("== install", flush=True)
    install = re.search(r"sudo apt-get install (\./svg-ai_\S+\.deb)", MANUAL)
    say("apt-get update -qq")
    before = set(say("find / -xdev -name '*svg-ai*' -not -path '/proc/*'", None).split())
    shutil.copy(package, inside / "root" / install[1])
    os.chmod(inside / "root", 0o755)
    manual(install[0])
    shutil.copy(ROOT / "fixtures/sample.png", inside / "root/picture.png")
    manual("svg-ai --version")
    manual("svg-ai convert picture.png --explain")
    for file in ["/usr/share/man/man1/svg-ai-batch.1.gz", "/usr/share/bash-completion/completions/svg-ai"]:
        say(f"test -s {file}")

    print("== a nightly job", flush=True)
    manual("sudo useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin svg-ai")
    manual("sudo install -d -o svg-ai -g svg-ai /srv/svg")
    manual("sudo install -d /srv/art")
    count = pictures(inside / "srv/art")
    manual("sudo -u svg-ai svg-ai batch /srv/art -o /srv/svg --resume --report /srv/svg/report.json --html /srv/svg/index.html")
    report = lambda: json.loads((inside / "srv/svg/report.json").read_text())
    assert report()["summary"]["status"]["ok"] == count > 0, report()["summary"]
    assert (inside / "srv/svg/index.html").stat().st_size > 1000
    manual("sudo cp /usr/share/doc/svg-ai/examples/systemd/svg-ai.* /etc/systemd/system/")
    manual("sudo systemctl daemon-reload")
    manual("sudo systemctl enable --now svg-ai.timer")
    manual("sudo systemctl start svg-ai.service")
    state = lambda what: say(f"systemctl show -P {what} svg-ai.service")
    # A unit of type oneshot is inactive when it has ended well.
    manual("systemctl status svg-ai.service; systemctl list-timers svg-ai.timer")
    assert "svg-ai.timer" in say("systemctl list-timers --no-pager svg-ai.timer")
    assert (state("Result"), state("ExecMainStatus")) == ("success", "0"), state("Result")
    assert report()["summary"]["reused"] == count, "the service did again what had been done by hand"
    print(f"{count} pictures by hand, all of them reused by the service", flush=True)
    # The hour comes: once in ten seconds instead of once a night.
    drop_in = inside / "etc/systemd/system/svg-ai.timer.d/soon.conf"
    drop_in.parent.mkdir()
    drop_in.write_text("[Timer]\nOnCalendar=\nOnCalendar=*:*:0/10\nRandomizedDelaySec=0\nAccuracySec=1s\n")
    stamp = (inside / "srv/svg/report.json").stat().st_mtime_ns
    shutil.copy(ROOT / "fixtures/sample.png", inside / "srv/art/new.png")
    say("systemctl daemon-reload && systemctl restart svg-ai.timer")
    wait_for("the timer starts the job", lambda: (inside / "srv/svg/new.svg").exists())
    wait_for("its report", lambda: (inside / "srv/svg/report.json").stat().st_mtime_ns != stamp)
    (inside / "srv/art/new.png").unlink()
    wait_for("a drawing whose picture is gone goes", lambda: not (inside / "srv/svg/new.svg").exists())
    drop_in.unlink()
    say("systemctl daemon-reload && systemctl restart svg-ai.timer")
    wait_for("the job ends", lambda: state("ActiveState") == "inactive")
    print("the timer starts it; a new picture is drawn, and its drawing goes with it", flush=True)

    print("== cron", flush=True)
    line = re.search(r"^15 3 \* \* \* (svg-ai batch .*)$", MANUAL, re.M)
    print(f"    {line[0]}", flush=True)
    stamp = (inside / "srv/svg/report.json").stat().st_mtime_ns
    # The same, every minute.
    say(f"echo '* * * * * {line[1]}' | crontab -u svg-ai -")
    wait_for("cron starts the job", lambda: (inside / "srv/svg/report.json").stat().st_mtime_ns != stamp)
    say("crontab -u svg-ai -r")
    wait_for("it ends", lambda: machine.run("pgrep -x svg-ai").returncode == 1)

    print("== monitoring", flush=True)
    manual("sudo apt-get install prometheus prometheus-node-exporter")
    manual("sudo chgrp svg-ai /var/lib/prometheus/node-exporter && sudo chmod g+w /var/lib/prometheus/node-exporter")
    manual("sudo install -D -m 644 /usr/share/doc/svg-ai/examples/systemd/monitoring.conf -t /etc/systemd/system/svg-ai.service.d")
    manual("sudo systemctl daemon-reload && sudo systemctl start svg-ai.service")
    assert state("Result") == "success", say("journalctl --no-pager -u svg-ai.service")
    say("promtool check metrics < /var/lib/prometheus/node-exporter/art.prom")
    manual("sudo cp /usr/share/doc/svg-ai/examples/prometheus/rules.yml /etc/prometheus/")
    # "Name it under rule_files."
    config = inside / "etc/prometheus/prometheus.yml"
    text = config.read_text()
    assert re.search(r"^rule_files:$", text, re.M) and "job_name: node" in text, text
    # Seconds in place of a quarter of a minute, so that this ends soon.
    text = re.sub(r"^rule_files:$", "rule_files:\n  - rules.yml", text, flags=re.M)
    config.write_text(re.sub(r"(scrape|evaluation)_interval: *\d+s", r"\1_interval: 5s", text))
    manual("promtool check config /etc/prometheus/prometheus.yml && sudo systemctl reload prometheus")

    def ask(path):
        # The machine has the network of this one.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"http://127.0.0.1:9090/api/v1/{path}", timeout=10) as answer:
                return json.load(answer)["data"]
        except (urllib.error.URLError, ConnectionError):
            return {}

    def firing():
        return {a["labels"]["alertname"] for a in ask("alerts").get("alerts", []) if a["state"] == "firing"}

    def items():
        found = ask("query?query=svg_ai_last_run_items%7Bstatus=%22ok%22%7D").get("result", [])
        return found and float(found[0]["value"][1])

    wait_for("Prometheus has the figures of the run", lambda: items() == count)
    assert "SvgAiRunFailed" not in firing()
    (inside / "srv/art/x.png").write_text("no picture")
    say("systemctl start svg-ai.service", 1)
    wait_for("SvgAiRunFailed fires", lambda: "SvgAiRunFailed" in firing())
    (inside / "srv/art/x.png").unlink()
    say("systemctl start svg-ai.service")
    wait_for("SvgAiRunFailed clears", lambda: "SvgAiRunFailed" not in firing())
    print("figures in Prometheus; the alert fires on a bad run and clears on a good one", flush=True)

    print("== upgrade and rollback", flush=True)
    pictures(inside / "srv/sample")
    manual("svg-ai bench /srv/sample --save before.json")
    # The version is the same one: what may differ is the time.
    compared = "svg-ai bench /srv/sample --baseline before.json --max-regression 2% --max-slowdown 50%"
    worse = [line for line in manual(compared, None).splitlines() if line.startswith("error:")]
    assert all(": time, " in line for line in worse), worse
    older = inside / "root/older"
    say(f"dpkg-deb -R {install[1]} older && sed -i 's/^Version: .*/Version: 0.0.9-1/' older/DEBIAN/control")
    say("dpkg-deb -b older svg-ai_OLD.deb")
    manual("apt-get install ./svg-ai_OLD.deb --allow-downgrades")
    assert "0.0.9-1" in say("dpkg-query -W svg-ai")
    shutil.rmtree(older)

    print("== back", flush=True)
    say("systemctl disable --now svg-ai.timer")
    manual("apt-get purge svg-ai")
    left = set(say("find / -xdev -name '*svg-ai*' -not -path '/proc/*'", None).split()) - before
    # What somebody has copied there by hand is theirs; so are the mirror's copies of packages.
    ours = {f for f in left if not f.startswith(("/etc/systemd/system/", "/root/", "/var/cache/apt/", "/sys/"))}
    ours = {f for f in ours if not f.startswith(("/var/lib/systemd/", "/var/lib/private", "/run/"))}
    assert not ours, f"left behind: {ours}"


main(sys.argv[1], sys.argv[2])
