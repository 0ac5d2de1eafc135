#!/usr/bin/env bash
# Proves the chain from a batch to an alert: scripts/monitoring.sh [PATH/TO/svg-ai]
#
# Real Prometheus and node exporter on loopback, our rules, a run that goes well, one that does not, and
# again one that does; asserted through Prometheus's own HTTP API. Needs Debian's packages `prometheus` and
# `prometheus-node-exporter`, which are installed when they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
command -v prometheus > /dev/null && command -v promtool > /dev/null || missing+=(prometheus)
command -v prometheus-node-exporter > /dev/null || missing+=(prometheus-node-exporter)
if [ ${#missing[@]} -gt 0 ]; then
  root=()
  [ "$(id -u)" = 0 ] || root=(sudo)
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

binary=${1:-}
if [ -z "$binary" ]; then
  cargo build --quiet --locked --release --bin svg-ai
  binary=${CARGO_TARGET_DIR:-target}/release/svg-ai
fi

echo '== the rules'
promtool check config deploy/prometheus/prometheus.yml
promtool test rules deploy/prometheus/rules.test.yml

echo '== the chain'
exec python3 scripts/monitoring.py "$binary"
