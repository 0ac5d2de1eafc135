#!/usr/bin/env bash
# Times svg-ai against vtracer-cli in interleaved runs: figures are ratios, which other machines can repeat.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/speed.sh [--quick]       prints Markdown on stdout, progress on stderr

  --quick   fewer pictures and rounds, some 3 minutes instead of 15

Environment:
  SVG_AI_CACHE       folder for pictures and tools, 1 GB [target/speed]
  SVG_AI, PICTURES   binaries to use instead of building them (the program; examples/pictures)
  VTRACER            vtracer to compare with [one on PATH of the right version, else it is installed]

Needs cargo and python3. On Linux a run during which others used the machine is repeated; elsewhere it should do
nothing else meanwhile.
TEXT
}

say() { printf '%s\n' "$*" >&2; }
die() { say "speed.sh: $*"; exit 2; }

rounds=9 starts=100 single=6 batch=200 memory=200
while [ $# -gt 0 ]; do
  case $1 in
    --quick) rounds=3 starts=20 batch=40 memory=40 ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; die "there is no option $1" ;;
  esac
  shift
done
command -v python3 > /dev/null || die "python3 is needed and missing"
root=$(cd "$(dirname "$0")/.." && pwd)
cache=${SVG_AI_CACHE:-${CARGO_TARGET_DIR:-$root/target}/speed}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

build=()
[ -n "${SVG_AI:-}" ] || build+=(--bin svg-ai)
[ -n "${PICTURES:-}" ] || build+=(--example pictures)
if [ ${#build[@]} -gt 0 ]; then
  say "building svg-ai"
  (cd "$root" && cargo build --release --locked "${build[@]}" >&2)
fi
release=${CARGO_TARGET_DIR:-$root/target}/release
svg_ai=${SVG_AI:-$release/svg-ai}
maker=${PICTURES:-$release/examples/pictures}
for program in "$svg_ai" "$maker"; do
  [ -x "$program" ] || die "$program is not there"
done

VTRACER_VERSION=1.0.0-alpha.4
vtracer=${VTRACER:-$(command -v vtracer || true)}
if [ -z "$vtracer" ] || ! "$vtracer" --version | grep -qF "$VTRACER_VERSION"; then
  [ -z "${VTRACER:-}" ] || die "$VTRACER is not vtracer-cli $VTRACER_VERSION"
  vtracer=$cache/tools/bin/vtracer
  if [ ! -x "$vtracer" ]; then
    say "installing vtracer-cli $VTRACER_VERSION"
    cargo install --locked vtracer-cli --version "$VTRACER_VERSION" --root "$cache/tools" >&2
  fi
fi

pictures=$cache/pictures-$single-$batch-$memory
stamp=$(cksum < "$root/examples/pictures.rs")
if [ "$(cat "$pictures/complete" 2> /dev/null)" != "$stamp" ]; then
  say "making the pictures"
  rm -rf "$pictures"
  "$maker" "$pictures/single-512" "$single" 512
  "$maker" "$pictures/single-2048" "$single" 2048
  "$maker" "$pictures/batch" "$batch" 512
  # One in ten is large: 4, 9 and 16 megapixels for a square one.
  large=$((memory / 10))
  "$maker" "$pictures/memory" $((memory - large)) 512 --photos
  "$maker" "$pictures/memory" $((large - 2 * (large / 3))) 2048 --photos --first 1000
  "$maker" "$pictures/memory" $((large / 3)) 3000 --photos --first 2000
  "$maker" "$pictures/memory" $((large / 3)) 4096 --photos --first 3000
  printf '%s\n' "$stamp" > "$pictures/complete"
fi

printf '%s%s against %s; %s, %s cores.\n\n' "$("$svg_ai" --version)" \
  "$(git -C "$root" rev-parse --short HEAD 2> /dev/null | sed 's/^/, commit /')" \
  "vtracer-cli $VTRACER_VERSION" "$(uname -sm)" "$(getconf _NPROCESSORS_ONLN)"
printf '%s\n%s\n\n' "svg-ai runs with \`--quality fast --engine vtracer\`, with its own parameters for each class of picture, at full size (\`megapixels=0\`)." \
  "Its times include classifying, a synced and atomic write and, without \`--no-score\`, drawing and measuring the SVG."
exec python3 "$root/scripts/speed.py" "$svg_ai" "$vtracer" "$pictures" "$rounds" "$starts"
