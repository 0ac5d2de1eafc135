#!/usr/bin/env bash
# Converts in and out of object stores, with faults on the way: scripts/cloud.sh [BINARY]
#
# Installs moto, an S3 in Python, into a folder of its own (target/cloud), and runs it on this machine only; nothing
# is asked of a real store. Without BINARY it builds one with the feature `cloud`. Needs python3 and openssl.
set -euo pipefail
cd "$(dirname "$0")/.."
MOTO_VERSION=5.2.5
place=${CARGO_TARGET_DIR:-target}/cloud
binary=${1:-}
if [ -z "$binary" ]; then
  cargo build --quiet --locked --features cloud --bin svg-ai
  binary=${CARGO_TARGET_DIR:-target}/debug/svg-ai
fi
if ! "$place/bin/python" -c "import moto, sys; sys.exit(moto.__version__ != '$MOTO_VERSION')" 2> /dev/null; then
  python3 -m venv "$place"
  "$place/bin/pip" install --quiet --disable-pip-version-check "moto[server]==$MOTO_VERSION"
fi
exec "$place/bin/python" scripts/cloud.py "$binary"
