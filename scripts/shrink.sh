#!/usr/bin/env bash
# Shrinks the SVGs of a folder with svg-ai and with SVGO, and prints bytes, difference and time.
#
#   scripts/shrink.sh FOLDER [svg-ai options, such as --lossless or --tolerance 0.2]
#
# Needs cargo, npm, node and python3. Nothing is installed outside target/shrink (SVG_AI_CACHE names
# another place); SVGO's version and checksums are in shrink/package-lock.json. The difference is the
# mean ΔE₀₀ at 1024 px over white or black, whichever is larger, as examples/svg_difference.rs measures
# it for both tools: a size that the proof does not look at. SVG_AI and SVG_DIFFERENCE name binaries to
# use instead of building them. Times are the least of three runs of
# the whole process; on a machine that has other work, processor time is the one to compare.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -ge 1 ] || { sed -n '2,5p' "$0"; exit 2; }
folder=$(realpath "$1")
shift
cache=$(realpath -m "${SVG_AI_CACHE:-target/shrink}")
for tool in npm node python3; do
  command -v "$tool" > /dev/null || { echo "$tool is needed" >&2; exit 2; }
done
mkdir -p "$cache"
cp scripts/shrink/package.json scripts/shrink/package-lock.json "$cache/"
[ -d "$cache/node_modules/svgo" ] || npm ci --silent --prefix "$cache"
[ -n "${SVG_AI:-}" ] && [ -n "${SVG_DIFFERENCE:-}" ] ||
  cargo build --locked --quiet --release --bin svg-ai --example svg_difference
target=${CARGO_TARGET_DIR:-target}/release
exec python3 scripts/shrink/measure.py "$folder" "$cache" "$target" "$@"
