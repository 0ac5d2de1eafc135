#!/usr/bin/env bash
# Fails when a dependency's licence is not among those that deny.toml allows. `cargo deny` does more.
set -euo pipefail
cd "$(dirname "$0")/.."
metadata=$(mktemp)
trap 'rm -f "$metadata"' EXIT
# The targets are listed in deny.toml, too.
mapfile -t targets < <(sed -n '/^targets = \[/,/^\]/s/^ *"\(.*\)",$/\1/p' deny.toml)
[ ${#targets[@]} -gt 0 ]
cargo metadata --locked --all-features "${targets[@]/#/--filter-platform=}" --format-version 1 > "$metadata"
python3 - "$metadata" deny.toml << 'PY'
import json
import re
import sys

metadata = json.load(open(sys.argv[1], encoding="utf-8"))
deny = open(sys.argv[2], encoding="utf-8").read()
# The one list is in deny.toml; its form is simple enough to read without a TOML parser.
ALLOWED = set(re.findall(r'"([^"]+)"', re.search(r"^allow = \[(.*?)\]", deny, re.M | re.S).group(1)))


def allowed(expression):
    """Whether an SPDX expression can be satisfied by the allowed licences alone."""
    # The old form with a slash means OR.
    words = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))
    place = 0

    def term():
        nonlocal place
        word = words[place]
        place += 1
        if word == "(":
            value = any_of()
            if words[place] != ")":
                raise ValueError("a parenthesis is open")
            place += 1
            return value
        if word in ("OR", "AND", "WITH", ")"):
            raise ValueError(f"{word} is out of place")
        if place < len(words) and words[place] == "WITH":
            word = " ".join(words[place - 1 : place + 2])
            place += 2
        return word in ALLOWED

    def all_of():
        nonlocal place
        value = term()
        while place < len(words) and words[place] == "AND":
            place += 1
            value = term() and value
        return value

    def any_of():
        nonlocal place
        value = all_of()
        while place < len(words) and words[place] == "OR":
            place += 1
            value = all_of() or value
        return value

    value = any_of()
    if place != len(words):
        raise ValueError(f"{words[place]} is out of place")
    return value


for expression, expected in [
    ("MIT", True),
    ("GPL-3.0-only", False),
    ("MIT OR GPL-3.0-only", True),
    ("MIT AND GPL-3.0-only", False),
    ("(GPL-3.0-only OR MIT) AND ISC", True),
    ("MIT/Apache-2.0", True),
    ("GPL-2.0-only AND MIT OR Zlib", True),
    ("Apache-2.0 WITH Some-exception", False),
]:
    assert allowed(expression) == expected, expression

bad = []
for package in sorted(metadata["packages"], key=lambda p: p["name"]):
    expression = package["license"]
    try:
        good = bool(expression) and allowed(expression)
    except (ValueError, IndexError) as error:
        good, expression = False, f"{expression} ({error})"
    if not good:
        bad.append(f"{package['name']} {package['version']}: {expression or 'no licence named'}")
for line in bad:
    print(f"not allowed: {line}", file=sys.stderr)
print(f"{len(metadata['packages'])} packages, {len(bad)} with a licence that is not allowed")
sys.exit(bool(bad))
PY
