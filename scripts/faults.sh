#!/bin/sh
# Injects faults into the real binary and counts what it survives: scripts/faults.sh [--quick] [NAME…]
# docs/reliability.md says what is tried; needs Linux, python3 and, for the full disk, root.
set -eu
cd "$(dirname "$0")/.."
cargo build --quiet --release --locked --bin svg-ai
exec python3 scripts/faults.py "${CARGO_TARGET_DIR:-target}/release/svg-ai" "$@"
