#!/usr/bin/env bash
# Holds the container's binary to what deploy/Dockerfile promises, without a container engine:
#   scripts/container.sh [PATH/TO/STATIC/svg-ai]
# The static binary runs in an empty root, read-only, as nobody, without capabilities and without network,
# under a limit of memory. Linux; root (or sudo) for the namespaces.
set -euo pipefail
cd "$(dirname "$0")/.."
fail() { echo "FAILED: $*" >&2; exit 1; }

binary=${1:-}
if [ -z "$binary" ]; then
  target=$(rustc -vV | sed -n 's/^host: //p')
  RUSTFLAGS='-C target-feature=+crt-static' cargo build --quiet --locked --release --bin svg-ai --target "$target"
  binary=${CARGO_TARGET_DIR:-target}/$target/release/svg-ai
fi
root=()
[ "$(id -u)" = 0 ] || root=(sudo)
exec "${root[@]}" python3 scripts/container.py "$binary"
