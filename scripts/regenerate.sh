#!/bin/sh
# Writes again what is made from the parser, the types and the sources; tests compare the committed copies.
set -eu
cd "$(dirname "$0")/.."
cargo build --quiet --bin svg-ai
bin="${CARGO_TARGET_DIR:-target}/debug/svg-ai"
rm -rf man completions
"$bin" generate man man
"$bin" generate completions completions
"$bin" generate schema > docs/report.schema.json
"$bin" generate errors > docs/errors.md
"$bin" generate reference > docs/reference.md
cargo run --quiet --example engine_constants > docs/engine-constants.md
