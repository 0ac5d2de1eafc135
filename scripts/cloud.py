"""Object stores and web servers as places of the built binary: scripts/cloud.sh.

A server for each kind of store runs on the loopback (stores.py); between it and the binary is a proxy that writes down
each request and can refuse, delay or cut the answer. Every run, whatever it is of, has to
- end by itself, with an exit code that is documented, and without a panic;
- show no credential: not on standard output or error, nor in a report, journal, gallery or log.
What else it has to do is in the function that is named after it, and asked of every store unless it says of which.

    cloud.py BINARY [STORE…] [NAME_OF_A_CHECK…]
"""

import http.client
import http.server
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

from azure.core.exceptions import AzureError
from botocore.exceptions import BotoCoreError, ClientError

from stores import STORES, free_port

BINARY = Path(sys.argv[1]).resolve()
REPOSITORY = Path(__file__).resolve().parent.parent
CODES = set(re.findall(r"^\| `([a-z_.]+)` \|", (REPOSITORY / "docs/errors.md").read_text(), re.M))
QUERY = "X-Amz-Credential=hushquery&X-Amz-Signature=hushsignature"
# What no output may have in it.
HUSH = ["hush"]
FAST = ["--quality", "fast", "--timeout", "60s", "--jobs", "2"]


# --- servers ---


class Proxy:
    """Passes requests on to `port`, which `store` listens at. `plan(method, path, headers, number)` says what is done with one, whose number counts
    the requests for the same thing: None to pass it on, a status, ("slow", seconds), ("cut", bytes), a function to
    be called before it is passed on."""

    def __init__(self, port, store=None, certificate=None):
        self.log, self.plan, self.counts, self.lock = [], None, {}, threading.Lock()
        self.sent = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                with outer.lock:
                    name = (self.command, self.path)
                    number = outer.counts[name] = outer.counts.get(name, 0) + 1
                    outer.log.append((self.command, unquote(self.path)))
                do = outer.plan(self.command, unquote(self.path), self.headers, number) if outer.plan else None
                if callable(do):
                    do = do()
                if isinstance(do, tuple) and do[0] == "slow":
                    time.sleep(do[1])
                if store and store.denies(self.headers):
                    do = 401
                if isinstance(do, int):
                    # As S3 has it: with the access key in it.
                    text = f"<Error><Code>SlowDown</Code><AWSAccessKeyId>{HUSH[-1]}</AWSAccessKeyId></Error>".encode()
                    self.send_response(do)
                    self.send_header("content-length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(b"" if self.command == "HEAD" else text)
                    return
                upstream = http.client.HTTPConnection("127.0.0.1", port)
                asked = self.command, self.path, self.headers, body
                method, path, headers, body = store.asks(*asked) if store else asked
                upstream.request(method, path, body, dict(headers))
                got = upstream.getresponse()
                status, headers, content = got.status, got.getheaders(), got.read()
                if store:
                    status, headers, content = store.answers(self.command, status, headers, content)
                self.send_response(status)
                for header, value in headers:
                    if header.lower() not in ("connection", "transfer-encoding", "server", "date"):
                        if header.lower() != "content-length" or self.command == "HEAD":
                            self.send_header(header, value)
                if self.command != "HEAD":
                    self.send_header("content-length", str(len(content)))
                self.end_headers()
                if isinstance(do, tuple) and do[0] == "cut":
                    self.wfile.write(content[: do[1]])
                    self.wfile.flush()
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                if self.command != "HEAD":
                    with outer.lock:
                        outer.sent += len(content)
                    self.wfile.write(content)

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_):
                pass  # The client went away, as it was meant to.

        self.server = Server(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reset(self, plan=None):
        with self.lock:
            self.log, self.counts, self.plan, self.sent = [], {}, plan, 0

    def count(self, method, part=""):
        return sum(1 for m, path in self.log if m == method and part in path)


class Files(http.server.SimpleHTTPRequestHandler):
    """A plain web server: no `ETag`, no ranges, no listing; it asks for the query where `secret` is in the name."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path, _, query = self.path.partition("?")
        file = Path(self.directory) / unquote(path).lstrip("/")
        if "secret" in path and query != QUERY:
            self.send_error(403)
        elif not file.is_file():
            self.send_error(404)
        else:
            content = file.read_bytes()
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)


def web_server(folder):
    def handler(*args):
        return Files(*args, directory=str(folder))

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_):
            pass

    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


# --- runs ---

PLACE = Path(tempfile.mkdtemp(prefix="svg-ai-cloud-"))
FAILED, DONE = [], []


def check(condition, *what):
    if not condition:
        raise AssertionError(" ".join(map(str, what)) or "it does not hold")


def environment(port, **more):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SVG_AI_", "GOOGLE_", "AZURE_"))}
    # No store is asked who we are but the one beside us.
    kept.update(STORE.environment(port), NO_PROXY="127.0.0.1")
    kept.update(more)
    return {k: v for k, v in kept.items() if v is not None}


def no_secret(text, where):
    for word in HUSH:
        check(word.encode() not in text, "a credential", word, "is shown in", where, text[-400:])


def run(*args, port=None, expect=0, cwd=None, **more):
    done = subprocess.run(
        [BINARY, *map(str, args)],
        cwd=cwd or PLACE,
        env=environment(port or PROXY.port, **more),
        capture_output=True,
        timeout=300,
        check=False,
    )
    told = done.stdout + done.stderr
    no_secret(told, args)
    check(b"panicked" not in told and b"internal.panic" not in told, "panic:", told[-400:])
    check(done.returncode == expect, args, "exit", done.returncode, "for", expect, told[-800:].decode(errors="replace"))
    return told.decode(errors="replace")


def fresh(name):
    folder = PLACE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def tree(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def empty(prefix):
    for name in STORE.objects(prefix):
        STORE.delete(prefix + name)


def items(report):
    return json.loads(Path(report).read_text())["items"]


def codes(report):
    got = sorted(i["error"]["code"] for i in items(report) if i.get("error"))
    check(set(got) <= CODES, "codes that are not documented:", got)
    return got


def test(function):
    TESTS.append((function, STORES.keys()))
    return function


def only(*schemes):
    def listed(function):
        TESTS.append((function, schemes))
        return function

    return listed


TESTS = []


# --- what has to hold ---


@test
def a_prefix_becomes_what_a_folder_becomes():
    PROXY.reset()
    empty("out/")
    here = fresh("a")
    run("batch", f"{AT}/in", "-o", f"{AT}/out", "--report", here / "r.json", "--html", here / "g.html", *FAST)
    there = STORE.objects("out/")
    check(there == LOCAL, sorted(there), sorted(LOCAL))
    check(PROXY.count("GET", STORE.listing) <= 3, "a listing is enough", PROXY.log)
    got = {i["input"].removeprefix(f"{AT}/in/"): i["metrics"] for i in items(here / "r.json")}
    check(got == LOCAL_METRICS, "the figures are others than those of the local run")
    kind = STORE.kind("out/sample.svg")
    check(kind == "image/svg+xml", kind)
    check(f"{AT}/in/sample.png" in (here / "g.html").read_text())


@test
def a_store_and_a_disk_go_together():
    PROXY.reset()
    here = fresh("b")
    run("batch", f"{AT}/in/", "-o", here / "out", *FAST)
    check(tree(here / "out") == LOCAL)
    empty("up/")
    run("batch", SOURCE, "-o", f"{AT}/up/", *FAST)
    check(STORE.objects("up/") == LOCAL)


@test
def one_object_is_converted_and_scored():
    PROXY.reset()
    here = fresh("c")
    run("convert", f"{AT}/in/sample.png", "-o", here / "s.svg", "--report", here / "r.json", *FAST)
    check((here / "s.svg").read_bytes() == LOCAL["sample.svg"])
    run("convert", f"{AT}/in/sample.png", "--if-exists", "overwrite", *FAST)
    check(STORE.objects("in/sample.svg")[""] == LOCAL["sample.svg"])
    run("score", f"{AT}/in/sample.png", f"{AT}/in/sample.svg", "--metrics", "basic")
    run("optimize", f"{AT}/in/sample.svg", "-o", f"{AT}/small.svg")
    check(0 < len(STORE.objects("small.svg")[""]) <= len(LOCAL["sample.svg"]))
    piped = subprocess.run(
        [BINARY, "convert", f"{AT}/in/sample.png", "-o", "-", "-q", *FAST],
        env=environment(PROXY.port), capture_output=True, check=True,
    )
    check(piped.stdout == LOCAL["sample.svg"])
    STORE.delete("in/sample.svg")


@test
def names_and_filters_are_those_of_a_folder():
    PROXY.reset()
    here = fresh("d")
    names = ["a b.png", "ü/画像.png", "100%.png", "a#b.png", "q?x.png", "a%20b.png", "+plus.png"]
    empty("names/")
    for name in [*names, ".hidden.png", ".cache/x.png", "notes.txt"]:
        STORE.put("names/" + name, SAMPLE)
    STORE.put("names/", b"")
    run("batch", f"{AT}/names", "-o", f"{AT}/named", *FAST)
    check(set(STORE.objects("named/")) == {n[:-4] + ".svg" for n in names}, STORE.objects("named/").keys())
    run("batch", f"{AT}/names", "-o", here / "top", "--no-recursive", "--exclude", "a*", *FAST)
    check(set(tree(here / "top")) == {"100%.svg", "q?x.svg", "+plus.svg"}, tree(here / "top").keys())
    run("batch", f"{AT}/names/ü/画像.png", f"{AT}/names/a b.png", "--base", f"{AT}/names", "-o", here / "base", *FAST)
    check(set(tree(here / "base")) == {"ü/画像.svg", "a b.svg"}, tree(here / "base").keys())
    (here / "list").write_text(f"{AT}/names/a b.png\n")
    run("batch", "--files-from", here / "list", "-o", here / "list-out", *FAST)
    check(set(tree(here / "list-out")) == {"a b.svg"})


@test
def outputs_within_the_inputs_are_not_inputs():
    PROXY.reset()
    here = fresh("e")
    empty("mixed/")
    STORE.put("mixed/a.png", SAMPLE)
    STORE.put("mixed/out/old.png", SAMPLE)
    run("batch", f"{AT}/mixed", "-o", f"{AT}/mixed/out", "--report", here / "r.json", *FAST)
    check([i["input"] for i in items(here / "r.json")] == [f"{AT}/mixed/a.png"])
    STORE.put("mixed/b.svg", LOCAL["sample.svg"])
    told = run("batch", f"{AT}/mixed/b.svg", "--svg", "shrink", "-o", f"{AT}/mixed", expect=2)
    check("output.is_input" in told, told)


@test
def what_is_not_there_is_told_by_code():
    PROXY.reset()
    here = fresh("f")
    report = here / "r.json"
    run("batch", f"{AT}/in/sample.png", f"{AT}/none.png", "-o", here / "out", "--report", report, *FAST, expect=1)
    check(codes(report) == ["input.not_found"])
    told = run("convert", f"{AT}/none.png", "-o", here / "x.svg", expect=1)
    check("input.not_found" in told and f"{AT}/none.png" in told, told)
    none = f"{STORE.scheme}://no-such-bucket"
    # fake-gcs-server answers with 500 here, where Google does with 404.
    if STORE.scheme != "gs":
        run("batch", f"{none}/in/", "-o", here / "out", "--report", report, *FAST, expect=1)
        check(codes(report) == ["cloud.refused"], codes(report))
    run("batch", SOURCE / "sample.png", "-o", f"{none}/o", "--report", report, *FAST, expect=1)
    check(codes(report) == ["cloud.refused"], codes(report))
    run("batch", f"{AT}/nothing/", "-o", here / "out", *FAST, expect=3)
    # A bad image in a store is what it is on a disk.
    STORE.put("bad/cut.png", SAMPLE[:200])
    STORE.put("bad/empty.png", b"")
    run("batch", f"{AT}/bad", "-o", here / "out", "--report", report, *FAST, expect=1)
    check(codes(report) == ["input.empty", "input.truncated"], codes(report))


@only("s3")
def rights_are_those_of_a_user():
    here = fresh("g")
    report = here / "r.json"
    # An S3 that checks signatures and policies.
    strict = STORES["s3"]()
    port = strict.start(INITIAL_NO_AUTH_ACTION_COUNT="1000")
    try:
        strict.put("in/a.png", SAMPLE)
        iam = strict.client_of("iam")
        keys = {}
        for name, actions in [("reads", ["s3:GetObject", "s3:ListBucket"]), ("nothing", ["s3:ListAllMyBuckets"])]:
            iam.create_user(UserName=name)
            policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
            made = iam.create_access_key(UserName=name)["AccessKey"]
            keys[name] = {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}
            HUSH.extend(keys[name].values())
        reset = http.client.HTTPConnection("127.0.0.1", port)
        reset.request("POST", "/moto-api/reset-auth", "0")
        check(reset.getresponse().status == 200)
        plain = {"port": port, "AWS_SESSION_TOKEN": None}
        run("batch", f"{AT}/in", "-o", here / "out", *FAST, **plain, **keys["reads"])
        check(set(tree(here / "out")) == {"a.svg"})
        run("batch", f"{AT}/in", "-o", f"{AT}/out", "--report", report, *FAST, expect=1, **plain, **keys["reads"])
        check(codes(report) == ["cloud.denied"], codes(report))
        run("batch", f"{AT}/in", "-o", here / "no", "--report", report, *FAST, expect=1, **plain, **keys["nothing"])
        check(codes(report) == ["cloud.denied"], codes(report))
        wrong = {**keys["reads"], "AWS_SECRET_ACCESS_KEY": "hush-wrong-secret"}
        told = run("convert", f"{AT}/in/a.png", "-o", here / "x.svg", expect=1, **plain, **wrong)
        check("cloud.denied" in told, told)
        told = run("convert", f"{AT}/in/a.png", "-o", here / "x.svg", expect=1, **plain)
        check("cloud.denied" in told, told)
    finally:
        strict.stop()


@only("az")
def rights_are_those_of_a_signature():
    here = fresh("g")
    report = here / "r.json"
    PROXY.reset()
    signed = {}
    for rights in ("rl", "r", "rcwl"):
        query = STORE.signature(rights)
        HUSH.extend(re.findall("sig=([^&]+)", query))
        signed[rights] = {"AZURE_STORAGE_ACCOUNT_KEY": None, "AZURE_STORAGE_SAS_TOKEN": query}
    run("batch", f"{AT}/in", "-o", here / "out", *FAST, **signed["rl"])
    check(tree(here / "out") == LOCAL)
    empty("signed/")
    run("batch", f"{AT}/in", "-o", f"{AT}/signed", "--report", report, *FAST, expect=1, **signed["rl"])
    check(codes(report) == ["cloud.denied"] * len(LOCAL), codes(report))
    run("batch", f"{AT}/in/", "-o", here / "no", "--report", report, *FAST, expect=1, **signed["r"])
    check(codes(report) == ["cloud.denied"], codes(report))
    run("batch", f"{AT}/in", "-o", f"{AT}/signed", *FAST, **signed["rcwl"])
    check(STORE.objects("signed/") == LOCAL)
    wrong = {"AZURE_STORAGE_ACCOUNT_KEY": STORE.key[:10] + STORE.key[10:60].swapcase() + STORE.key[60:]}
    told = run("convert", f"{AT}/in/sample.png", "-o", here / "x.svg", expect=1, **wrong)
    check("cloud.denied" in told, told)
    # A key that is none, and a place of one's own in the place of an emulator's.
    told = run("convert", f"{AT}/in/sample.png", "-o", here / "x.svg", expect=1, AZURE_STORAGE_ACCOUNT_KEY="hush-no-key!")
    check("cloud.refused" in told, told)
    own = {
        "AZURE_STORAGE_USE_EMULATOR": None,
        "AZURE_STORAGE_ENDPOINT": f"http://127.0.0.1:{PROXY.port}/{STORE.account}",
        "AZURE_ALLOW_HTTP": "true",
    }
    run("convert", f"{AT}/in/sample.png", "-o", here / "x.svg", *FAST, **own)
    check((here / "x.svg").read_bytes() == LOCAL["sample.svg"])


@only("gs")
def rights_are_those_of_a_service_account():
    here = fresh("g")
    PROXY.reset()
    key = "GOOGLE_SERVICE_ACCOUNT_KEY"
    file = here / "account.pem"
    file.write_text(STORE.account(PROXY.port))
    run("convert", f"{AT}/in/sample.png", "-o", here / "x.svg", *FAST, **{key: None}, GOOGLE_SERVICE_ACCOUNT=str(file))
    check((here / "x.svg").read_bytes() == LOCAL["sample.svg"])
    _, pem = STORE.new_key()
    HUSH.append(pem.splitlines()[1])
    told = run("convert", f"{AT}/in/sample.png", "-o", here / "y.svg", expect=1, **{key: STORE.account(PROXY.port, pem)})
    check("cloud.denied" in told, told)
    # What is no account is refused, whatever it is.
    for wrong in (
        STORE.account(PROXY.port)[:-1],
        STORE.account(PROXY.port, "hush: no key at all"),
        json.dumps(STORE.pem),
        json.dumps({"private_key": STORE.pem}),
        json.dumps({"private_key": "hush", "private_key_id": "a", "client_email": "b", "disable_oauth": "hush" * 9}),
    ):
        told = run("convert", f"{AT}/in/sample.png", "-o", here / "y.svg", expect=1, **{key: wrong})
        check("cloud.refused" in told, told)
        file.write_text(wrong)
        more = {key: None, "GOOGLE_SERVICE_ACCOUNT": str(file)}
        told = run("convert", f"{AT}/in/sample.png", "-o", here / "y.svg", expect=1, **more)
        check("cloud.refused" in told, told)


@test
def what_is_too_large_is_not_fetched():
    here = fresh("h")
    report = here / "r.json"
    big = SAMPLE + bytes(3_000_000)
    STORE.put("large/big.png", big)
    PROXY.reset()
    run("batch", f"{AT}/large", "-o", here / "out", "--max-file-size", "100K", "--report", report, *FAST, expect=1)
    check(codes(report) == ["input.too_large"])
    told = run("convert", f"{AT}/large/big.png", "-o", here / "x.svg", "--max-file-size", "100K", expect=1)
    check("input.too_large" in told and str(len(big)) in told, told)
    # The limit is that of the object, to the byte.
    run("convert", f"{AT}/in/sample.png", "-o", here / "x.svg", "--max-file-size", len(SAMPLE), *FAST)
    run("convert", f"{AT}/in/sample.png", "-o", here / "x.svg", "--max-file-size", len(SAMPLE) - 1, expect=1)
    STORE.delete("large/big.png")


@test
def what_exists_is_protected():
    here = fresh("i")
    report = here / "r.json"
    empty("kept/")
    STORE.put("kept/sample.svg", b"mine")
    PROXY.reset()
    run("batch", f"{AT}/in", "-o", f"{AT}/kept", "--if-exists", "skip", "--report", report, *FAST)
    status = {i["input"]: i["status"] for i in items(report)}
    check(status[f"{AT}/in/sample.png"] == "skipped" and list(status.values()).count("ok") == len(LOCAL) - 1, status)
    check(STORE.objects("kept/") == {**LOCAL, "sample.svg": b"mine"})
    check(PROXY.count("GET", "in/sample.png") == 0, "an input was read whose output is left alone")
    run("batch", f"{AT}/in", "-o", f"{AT}/kept", "--if-exists", "error", "--report", report, *FAST, expect=1)
    check(codes(report) == ["output.exists"] * len(LOCAL))
    run("convert", f"{AT}/in/sample.png", "-o", f"{AT}/kept/sample.svg", "--if-exists", "skip", expect=3)
    told = run("convert", f"{AT}/in/sample.png", "-o", f"{AT}/kept/sample.svg", "--if-exists", "error", expect=1)
    check("output.exists" in told and STORE.objects("kept/")["sample.svg"] == b"mine")


@test
def another_who_is_faster_is_not_overwritten():
    here = fresh("j")
    for what in ("skip", "error"):
        empty("race/")

        def between(method, path, headers, _):
            if STORE.creates(method, headers):
                return lambda: STORE.put("race/sample.svg", b"theirs")
            return None

        PROXY.reset(between)
        args = ["--if-exists", what, "--report", here / "r.json", *FAST]
        run("batch", f"{AT}/in/sample.png", "-o", f"{AT}/race", *args, expect=1)
        check(codes(here / "r.json") == ["output.exists"])
        check(STORE.objects("race/") == {"sample.svg": b"theirs"})
    # An answer that was lost: the next try meets our own bytes.
    empty("race/")

    def lost(method, path, headers, number):
        if method == "PUT" and number == 1:
            return lambda: (STORE.put("race/sample.svg", LOCAL["sample.svg"]), 503)[1]
        return None

    PROXY.reset(lost)
    run("batch", f"{AT}/in/sample.png", "-o", f"{AT}/race", "--if-exists", "error", *FAST)


@only("s3")
def a_store_that_cannot_create_alone_is_asked_first():
    empty("race/")
    PROXY.reset()
    args = ["batch", f"{AT}/in/sample.png", "-o", f"{AT}/race", "--if-exists", "error", *FAST]
    run(*args, AWS_CONDITIONAL_PUT="disabled")
    check(STORE.objects("race/") == {"sample.svg": LOCAL["sample.svg"]})
    run(*args, expect=1, AWS_CONDITIONAL_PUT="disabled")


@test
def a_run_goes_on_where_it_ended():
    here = fresh("k")
    empty("resumed/")
    empty("growing/")
    for name, content in INPUTS.items():
        STORE.put("growing/" + name, content)
    args = ["batch", f"{AT}/growing", "-o", f"{AT}/resumed", "--report", here / "r.json", "--resume", *FAST]
    PROXY.reset()
    run(*args)
    check(STORE.objects("resumed/") == LOCAL)
    first = [{**i, "times": None} for i in items(here / "r.json")]
    PROXY.reset()
    # As with a folder: nothing was done, and the report is that of the first run.
    run(*args)
    check(PROXY.count("PUT") == 0 and PROXY.count("HEAD") <= 1, PROXY.log)
    check(PROXY.count("GET") == PROXY.count("GET", STORE.listing), "objects were read again", PROXY.log)
    check([{**i, "times": None} for i in items(here / "r.json")] == first)
    # One input is another, one output is gone, one was altered: only these are done.
    STORE.put("growing/sample.png", INPUTS[OTHER])
    gone, altered = [n for n in LOCAL if n not in ("sample.svg", OTHER[:-4] + ".svg")][:2]
    STORE.delete("resumed/" + gone)
    STORE.put("resumed/" + altered, b"<svg/>")
    PROXY.reset()
    run(*args)
    check(STORE.objects("resumed/") == {**LOCAL, "sample.svg": LOCAL[OTHER[:-4] + ".svg"]})
    check(PROXY.count("PUT") == 3, PROXY.log)
    # Written anew with the same bytes: read, and left alone.
    PROXY.reset()
    run(*args)
    check(PROXY.count("PUT") == 0)


@test
def a_run_that_is_killed_leaves_whole_objects():
    here = fresh("l")
    empty("killed/")
    args = ["batch", f"{AT}/in", "-o", f"{AT}/killed", "--report", here / "r.json", "--resume", *FAST]
    for round_, number in enumerate([signal.SIGKILL, signal.SIGTERM, signal.SIGKILL]):
        PROXY.reset(lambda *_: ("slow", 0.1))
        running = subprocess.Popen(
            [BINARY, *map(str, args)], env=environment(PROXY.port), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        time.sleep(0.6 + 0.7 * round_)
        running.send_signal(number)
        out, err = running.communicate(timeout=60)
        no_secret(out + err, "a run that was killed")
        for name, content in STORE.objects("killed/").items():
            check(content == LOCAL[name], name, "is not whole")
    PROXY.reset()
    run(*args)
    check(STORE.objects("killed/") == LOCAL)


def faulty(plan, **settings):
    """A batch with faults on the way that has to end as if there were none."""
    empty("faulty/")
    PROXY.reset(plan)
    args = ["--network-timeout", "16s", *FAST]
    run("batch", f"{AT}/in", "-o", f"{AT}/faulty", "--report", fresh("m") / "r.json", *args, **settings)
    check(STORE.objects("faulty/") == LOCAL)


@test
def a_store_that_has_no_time_is_asked_again():
    for status in (500, 503, 429):
        faulty(lambda method, path, headers, number, s=status: s if number <= 2 else None)
    check(PROXY.count("PUT") == 3 * len(LOCAL), PROXY.log)


@test
def a_store_that_is_silent_is_asked_again():
    # The silence that is borne is an eighth of the deadline: 2 s.
    faulty(lambda method, path, headers, number: ("slow", 4) if number == 1 and "sample" in path else None)
    faulty(lambda method, path, headers, number: ("slow", 0.5))


@test
def a_connection_that_is_cut_is_taken_up_again():
    ranges = []

    def plan(method, path, headers, number):
        if method == "GET" and headers.get("range"):
            ranges.append(headers["range"])
        return ("cut", 100) if method == "GET" and STORE.listing not in path and number == 1 else None

    faulty(plan)
    check(len(ranges) >= len(LOCAL) and all(r.startswith("bytes=100-") for r in ranges), ranges)
    faulty(lambda method, path, headers, number: ("cut", 0) if number == 1 else None)


@test
def a_store_that_stays_away_ends_in_a_code_and_in_time():
    report = fresh("n") / "r.json"
    args = ["--network-timeout", "4s", "--report", report, *FAST]
    for plan in (
        lambda method, path, *_: 503 if path.endswith("sample.png") else None,
        lambda method, path, *_: ("slow", 60) if path.endswith("sample.png") else None,
        lambda method, path, *_: ("cut", 50) if path.endswith("sample.png") else None,
        lambda method, path, *_: 503 if method == "PUT" and path.endswith("sample.svg") else None,
    ):
        PROXY.reset(plan)
        empty("away/")
        start = time.monotonic()
        run("batch", f"{AT}/in", "-o", f"{AT}/away", *args, expect=1)
        took = time.monotonic() - start
        check(took < 25, f"it took {took:.0f} s")
        check(codes(report) == ["cloud.unavailable"], codes(report))
        check(STORE.objects("away/") == {k: v for k, v in LOCAL.items() if k != "sample.svg"}, "the others were hurt")
    start = time.monotonic()
    run("batch", f"{AT}/in", "-o", f"{AT}/away", *args, port=free_port(), expect=1)
    check(codes(report) == ["cloud.unavailable"] and time.monotonic() - start < 25)
    # Who is told to stop does not wait for the store.
    PROXY.reset(lambda method, path, *_: ("slow", 10) if STORE.listing not in path else None)
    running = subprocess.Popen(
        [BINARY, "batch", f"{AT}/in/", "-o", f"{AT}/away", "-q", *FAST], env=environment(PROXY.port),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    time.sleep(1)
    start = time.monotonic()
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    check(time.monotonic() - start < 2, "the store was waited for")
    no_secret(out + err, "a run that was stopped")
    check(running.returncode == 130, running.returncode, err)


@test
def a_refusal_is_not_asked_again_and_shows_no_credential():
    report = fresh("o") / "r.json"
    PROXY.reset(lambda method, path, *_: 403 if path.endswith("sample.png") else None)
    run("batch", f"{AT}/in", "-o", PLACE / "o/out", "--report", report, "-vv", *FAST, expect=1)
    check(codes(report) == ["cloud.denied"] and PROXY.count("GET", "sample.png") == 1)
    # With everything told that can be told, while requests are tried again.
    PROXY.reset(lambda method, path, headers, number: 503 if number <= 2 else None)
    more = ["--log-format", "json", "--log", "debug", "--html", PLACE / "o/g.html"]
    run("batch", f"{AT}/in", "-o", PLACE / "o/out", "--report", report, *more, *FAST)


@only("s3")
def a_web_server_gives_and_takes_files():
    here = fresh("p")
    folder = fresh("web")
    (folder / "a b.png").write_bytes(SAMPLE)
    (folder / "secret.png").write_bytes(SAMPLE)
    (folder / "large.png").write_bytes(bytes(200_000))
    port = web_server(folder)
    root = f"http://127.0.0.1:{port}"
    run("convert", f"{root}/a%20b.png", "-o", here / "a.svg", *FAST)
    check((here / "a.svg").read_bytes() == LOCAL["sample.svg"])
    report = here / "r.json"
    more = ["--report", report, "--html", here / "g.html", "--resume", "-vv", *FAST]
    run("batch", f"{root}/secret.png?{QUERY}", f"{root}/none.png", "-o", here / "out", *more, expect=1)
    check(tree(here / "out") == {"secret.svg": LOCAL["sample.svg"]}, tree(here / "out").keys())
    check(codes(report) == ["input.not_found"], codes(report))
    run("convert", f"{root}/large.png", "-o", here / "l.svg", "--max-file-size", "100K", expect=1)
    told = run("convert", f"{root}/secret.png", "-o", here / "x.svg", expect=1)
    check("cloud.denied" in told, told)
    # Without an ETag a broken answer is asked for again as a whole.
    between = Proxy(port)
    between.reset(lambda method, path, headers, number: ("cut", 100) if number <= 2 else None)
    run("convert", f"http://localhost:{between.port}/a%20b.png", "-o", here / "b.svg", *FAST)
    check((here / "b.svg").read_bytes() == LOCAL["sample.svg"] and between.count("GET") == 3, between.log)
    between.reset(lambda *_: ("cut", 100))
    told = run("convert", f"http://localhost:{between.port}/a%20b.png", "-o", here / "b.svg", expect=1)
    check("cloud.unavailable" in told, told)


@only("s3")
def a_web_server_must_have_a_certificate_that_holds():
    here = fresh("q")
    certificate = (here / "c.pem", here / "k.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE",
         "-out", certificate[0], "-keyout", certificate[1]],
        check=True, capture_output=True,
    )
    folder = fresh("tls")
    (folder / "secret.png").write_bytes(SAMPLE)
    server = Proxy(web_server(folder), certificate=certificate)
    url = f"https://localhost:{server.port}/secret.png?{QUERY}"
    run("convert", url, "-o", here / "a.svg", *FAST, SSL_CERT_FILE=str(certificate[0]))
    check((here / "a.svg").read_bytes() == LOCAL["sample.svg"])
    told = run("convert", url, "-o", here / "b.svg", "--network-timeout", "2s", expect=1)
    check("cloud.unavailable" in told, told)


@test
def a_url_that_is_wrong_is_refused_without_showing_it():
    for url in (
        f"{STORE.scheme}://name:hush@art/in",
        f"https://me:hush@127.0.0.1/a.png?{QUERY}",
        f"{AT}/in/sample.png?{QUERY}",
        "http://example.org/a.png?hush",
        f"{STORE.scheme}://",
    ):
        told = run("batch", url, "-o", "out", expect=2)
        check("option.invalid" in told, told)
    told = run("batch", f"{AT}/in", "-o", "out", "--sandbox", expect=2)
    check("--sandbox" in told and "network" in told, told)
    told = run("batch", f"{AT}/in", "-o", f"{AT}/out", "--resume", expect=2)
    check("--journal" in told, told)


# --- all of it ---

# One picture of each class and format, small ones, in a tree, and what becomes of them without a store.
SOURCE = fresh("source")
shutil.copy(REPOSITORY / "fixtures/sample.png", SOURCE)
for kind in sorted((REPOSITORY / "fixtures/images").iterdir()):
    picture = min(kind.glob("*.png"), key=lambda p: (p.stat().st_size, p.name))
    (SOURCE / kind.name).mkdir()
    shutil.copy(picture, SOURCE / kind.name)
INPUTS = tree(SOURCE)
SAMPLE = INPUTS["sample.png"]
OTHER = next(name for name in INPUTS if name.startswith("text/"))
TROUBLE = (AssertionError, AzureError, BotoCoreError, ClientError, OSError, ValueError, subprocess.SubprocessError)
WANTED = [word for word in sys.argv[2:] if word not in STORES]
SCHEMES = [scheme for scheme in STORES if scheme in sys.argv[2:]] or list(STORES)
LOCAL = None
try:
    for scheme in SCHEMES:
        STORE = STORES[scheme]()
        AT = STORE.at
        HUSH = ["hush", *STORE.hush]
        try:
            PROXY = Proxy(STORE.start(), STORE)
            if LOCAL is None:
                run("batch", SOURCE, "-o", PLACE / "local", "--report", PLACE / "local.json", *FAST)
                LOCAL = tree(PLACE / "local")
                LOCAL_METRICS = {i["input"].removeprefix(f"{SOURCE}/"): i["metrics"] for i in items(PLACE / "local.json")}
                check(len(LOCAL) == len(INPUTS) > 5)
            for name, content in INPUTS.items():
                STORE.put("in/" + name, content)
            for function, schemes in TESTS:
                name = function.__name__
                if scheme not in schemes or WANTED and name not in WANTED:
                    continue
                start = time.monotonic()
                try:
                    function()
                    for file in PLACE.rglob("*"):
                        # What was made by a run; keys were put there by us.
                        if file.is_file() and file.suffix != ".pem":
                            no_secret(file.read_bytes(), file)
                    print(f"ok      {AT}: {name.replace('_', ' ')} ({time.monotonic() - start:.1f} s)", flush=True)
                except TROUBLE as error:
                    FAILED.append(name)
                    print(f"FAILED  {AT}: {name.replace('_', ' ')}: {error}", flush=True)
        finally:
            STORE.stop()
finally:
    shutil.rmtree(PLACE, ignore_errors=True)
print(f"{len(FAILED)} failed" if FAILED else "all well")
sys.exit(bool(FAILED))
