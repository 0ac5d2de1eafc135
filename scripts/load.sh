#!/bin/sh
# Measures a large batch with the release binary: flat memory, no slowdown, jobs: scripts/load.sh [--quick] [COUNT] [large|jobs]
# docs/reliability.md says what the figures are; needs Linux and python3. The machine should do nothing else meanwhile.
set -eu
cd "$(dirname "$0")/.."
cargo build --quiet --release --locked --bin svg-ai --example pictures
release="${CARGO_TARGET_DIR:-target}/release"
exec python3 scripts/load.py "$release/svg-ai" "$release/examples/pictures" "$@"
