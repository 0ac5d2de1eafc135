#!/usr/bin/env bash
# Fails when quality, size or speed is worse than benches/baseline.json allows: scripts/bench-gate.sh
# A change that is meant takes the new figures as the baseline: scripts/bench-gate.sh --accept
#
# Quality and bytes are the same on every machine of one kind, so their margin is small. Times are compared as
# multiples of a calibration loop that runs before them; still, machines that do other work need a margin.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --quiet --locked --release --bin svg-ai
set_and_rounds=(--samples 3 --side 256 --repeat 5 --quality balanced --timeout 60s)
bin=${CARGO_TARGET_DIR:-target}/release/svg-ai
case ${1:-} in
  --accept) exec "$bin" bench "${set_and_rounds[@]}" --save benches/baseline.json ;;
  '') exec "$bin" bench "${set_and_rounds[@]}" --baseline benches/baseline.json --max-regression 1% --max-slowdown 60% ;;
  *) echo "usage: $0 [--accept]" >&2; exit 2 ;;
esac
