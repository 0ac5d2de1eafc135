#!/usr/bin/env bash
# Feeds every fuzz target what nobody would think of: scripts/fuzz.sh [SECONDS [TARGET…]]   (20 s each by default)
#
# Installs cargo-fuzz from crates.io when it is not there, builds with the address sanitizer on the toolchain in use,
# and starts from the fixtures and what earlier runs found (fuzz/corpus). Ends with 1 when a target fails: the input is
# then in fuzz/artifacts, and `cargo fuzz run TARGET FILE` shows it again. Needs a C++ compiler.
set -euo pipefail
cd "$(dirname "$0")/.."

CARGO_FUZZ_VERSION=0.13.2
seconds=${1:-20}
shift || true
# The sanitizer is a flag that only nightly has; this is how stable takes it, for nothing that is shipped.
export RUSTC_BOOTSTRAP=1
if ! cargo fuzz --version 2> /dev/null | grep -qF "$CARGO_FUZZ_VERSION"; then
  RUSTC_BOOTSTRAP=0 cargo install --locked cargo-fuzz --version "$CARGO_FUZZ_VERSION"
fi
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cargo fuzz list)

# Seeds: copies of fixtures of at most 16 kB, since what is small is soon turned over.
seed() {
  mkdir -p "fuzz/corpus/$1"
  shift
  local number=0 into=fuzz/corpus/$target file
  for file in "$@"; do
    if [ -f "$file" ] && [ "$(wc -c < "$file")" -le 16384 ]; then
      number=$((number + 1))
      cp "$file" "$into/seed-$number-$(basename "$file")"
    fi
  done
}

failed=()
for target in "${targets[@]}"; do
  case $target in
    decode) seed decode fixtures/decode/* fixtures/damaged/* fixtures/images/*/*.png ;;
    svg_score | svg_shrink) seed "$target" fixtures/*.svg fixtures/images/*/*.svg fuzz/seeds/svg/* ;;
    *) seed "$target" "fuzz/seeds/$target"/* ;;
  esac
  # One of 4 GB or 30 s is as bad as a crash. Leaks are not looked for: threads of the pool live to the end.
  options=(-max_total_time="$seconds" -timeout=30 -rss_limit_mb=4096 -max_len=65536 -print_final_stats=1 -detect_leaks=0)
  dictionary=fuzz/dictionaries/$target.txt
  case $target in svg_*) dictionary=fuzz/dictionaries/svg.txt ;; esac
  [ ! -f "$dictionary" ] || options+=(-dict="$dictionary")
  if cargo fuzz run "$target" -- "${options[@]}" 2> fuzz/$target.log; then
    tries=$(sed -n 's/^stat::number_of_executed_units: *//p' fuzz/$target.log)
    printf '%-12s %9s inputs in %s s, none failed\n' "$target" "$tries" "$seconds"
  else
    failed+=("$target")
    printf '%-12s FAILED, see fuzz/%s.log\n' "$target" "$target"
    grep -E "panicked|ERROR|SUMMARY|Test unit written" -A 2 "fuzz/$target.log" | head -n 20
  fi
done
[ ${#failed[@]} -eq 0 ]
