#!/usr/bin/env bash
# Compares svg-ai with other tracers on drawings whose answer is known. See scripts/compare.md.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/compare.sh [OPTIONS]          prints Markdown on stdout, progress on stderr

  --quick            5 drawings of each class instead of 20
  --samples N        so many drawings of each class
  --side PX          longer side of the pictures that the tools see [512]
  --alpha            pictures on a transparent ground instead of white
  --tiers LIST       tiers of svg-ai [fast,balanced,best]
  --peers LIST       other tools, or `none` [vtracer,potrace,imagetracer,inkscape]
  --peer NAME=CMD    one more tool, such as --peer 'mine=mine {in} -o {out}' (repeatable)
  --no-bench         leave out the second table, that of `svg-ai bench --compare`

Environment:
  SVG_AI_CACHE       folder for packages, tools and pictures [target/compare]
  SVG_AI, RASTERIZE  binaries to use instead of building them (the program; examples/rasterize)

Needs cargo, npm, node and python3. What a tool needs and does not find is said in the output.
TEXT
}

say() { printf '%s\n' "$*" >&2; }
die() { say "compare.sh: $*"; exit 2; }

samples=20 side=512 alpha=0 tiers=fast,balanced,best peers=vtracer,potrace,imagetracer,inkscape bench=1
more=()
while [ $# -gt 0 ]; do
  case $1 in
    --samples | --side | --tiers | --peers | --peer) [ $# -ge 2 ] || die "$1 wants a value" ;;
  esac
  case $1 in
    --quick) samples=5 ;;
    --samples) samples=$2; shift ;;
    --side) side=$2; shift ;;
    --alpha) alpha=1 ;;
    --tiers) tiers=$2; shift ;;
    --peers) peers=$2; shift ;;
    --peer) more+=("$2"); shift ;;
    --no-bench) bench=0 ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; die "there is no option $1" ;;
  esac
  shift
done
case $samples in '' | *[!0-9]* | 0) die "--samples wants a number" ;; esac
case $side in '' | *[!0-9]*) die "--side wants a number of pixels" ;; esac
# The truth is drawn at twice the side, at most 4096.
[ "$side" -ge 32 ] && [ "$side" -le 2048 ] || die "--side is 32 to 2048"

for tool in npm node python3; do
  command -v "$tool" > /dev/null || die "$tool is needed and missing"
done
root=$(cd "$(dirname "$0")/.." && pwd)
here=$root/scripts/compare
cache=${SVG_AI_CACHE:-${CARGO_TARGET_DIR:-$root/target}/compare}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

# --- the program -------------------------------------------------------------------------------------------
build=()
[ -n "${SVG_AI:-}" ] || build+=(--bin svg-ai)
[ -n "${RASTERIZE:-}" ] || build+=(--example rasterize)
if [ ${#build[@]} -gt 0 ]; then
  say "building svg-ai"
  (cd "$root" && cargo build --release --locked "${build[@]}" >&2)
fi
release=${CARGO_TARGET_DIR:-$root/target}/release
svg_ai=${SVG_AI:-$release/svg-ai}
rasterize=${RASTERIZE:-$release/examples/rasterize}
for program in "$svg_ai" "$rasterize"; do
  [ -x "$program" ] || die "$program is not there"
done

# --- the packages: exact versions with checksums, in scripts/compare/package-lock.json -----------------------
mkdir -p "$cache/npm"
if ! cmp -s "$here/package-lock.json" "$cache/npm/installed.json"; then
  say "fetching the packages"
  cp "$here/package.json" "$here/package-lock.json" "$cache/npm/"
  (cd "$cache/npm" && npm ci --ignore-scripts --no-audit --no-fund >&2)
  cp "$here/package-lock.json" "$cache/npm/installed.json"
fi
modules=$cache/npm/node_modules
export NODE_PATH=$modules

# --- the pictures ------------------------------------------------------------------------------------------
ground=(); name=set-$samples-$side
if [ $alpha = 1 ]; then ground=(--alpha); name+=-alpha; fi
set_=$cache/$name
stamp=$(cat "$here/package-lock.json" "$here/corpus.py" "$root/examples/rasterize.rs" | sha256sum 2> /dev/null ||
  cat "$here/package-lock.json" "$here/corpus.py" "$root/examples/rasterize.rs" | shasum -a 256)
truth_side=$((side * 2))
if [ "$(cat "$set_/complete" 2> /dev/null)" != "$stamp" ]; then
  say "drawing the pictures"
  rm -rf "$set_"
  python3 "$here/corpus.py" "$modules" "$set_/known" "$samples"
  "$rasterize" "$set_/known" "$set_/images" "$side" ${ground[@]+"${ground[@]}"}
  # For potrace, which knows neither PNG nor colour.
  mkdir "$set_/bmp"
  for drawing in "$set_"/known/mono--*.svg; do
    bmp=$(basename "$drawing" .svg).bmp
    "$rasterize" "$drawing" "$set_/bmp/$bmp" "$side"
  done
  "$rasterize" "$set_/known" "$set_/truth" "$truth_side" ${ground[@]+"${ground[@]}"}
  printf '%s\n' "$stamp" > "$set_/complete"
fi

# --- the tools ---------------------------------------------------------------------------------------------
# One line each: name, classes (a comma-separated list, or `all`), command.
tools=$cache/tools.tsv
missing=() versions=()
: > "$tools"
add() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >> "$tools"; }
quoted() { printf '%q' "$1"; }

IFS=, read -r -a list <<< "$tiers"
for tier in ${list[@]+"${list[@]}"}; do
  add "svg-ai $tier" all "$(quoted "$svg_ai") convert --quiet --quality $tier {in} -o {out}"
done
VTRACER_VERSION=1.0.0-alpha.4
IFS=, read -r -a list <<< "$peers"
for peer in ${list[@]+"${list[@]}"}; do
  case $peer in
    none) ;;
    vtracer)
      # Installed into the cache, so that the version is the one named and nothing else is touched.
      vtracer=$cache/tools/bin/vtracer
      if ! "$vtracer" --version 2> /dev/null | grep -qF "$VTRACER_VERSION"; then
        vtracer=$(command -v vtracer || true)
        if [ -z "$vtracer" ] || ! "$vtracer" --version | grep -qF "$VTRACER_VERSION"; then
          vtracer=$cache/tools/bin/vtracer
          say "installing vtracer-cli $VTRACER_VERSION"
          cargo install --locked vtracer-cli --version "$VTRACER_VERSION" --root "$cache/tools" >&2 || vtracer=
        fi
      fi
      if [ -n "$vtracer" ]; then
        add vtracer all "$(quoted "$vtracer") --input {in} --output {out}"
        versions+=("vtracer-cli $VTRACER_VERSION")
      else
        missing+=("vtracer: cargo could not install vtracer-cli $VTRACER_VERSION")
      fi
      ;;
    potrace)
      if command -v potrace > /dev/null; then
        # It knows black and white only.
        add potrace mono "potrace --svg -o {out} {bmp}"
        versions+=("$(potrace --version | head -n 1 | cut -d. -f1,2)")
      else
        missing+=("potrace: not on this machine (Debian: apt install potrace)")
      fi
      ;;
    imagetracer)
      add imagetracerjs all "node $(quoted "$here/imagetracer.cjs") {in} {out}"
      versions+=("imagetracerjs $(node -p 'require("imagetracerjs/package.json").version') on node $(node --version)")
      ;;
    inkscape)
      if command -v inkscape > /dev/null; then
        # Scans, smooth, stacked, remove background, speckles, smooth corners, optimise: the dialog's defaults.
        # The picture itself lies below the trace and must go.
        actions='select-all;object-trace:8,true,true,false,2,1.0,0.2;select-clear;select-by-element:image;delete-selection;export-plain-svg;export-filename:{out};export-do'
        add inkscape all "inkscape --actions=$(quoted "$actions") {in}"
        versions+=("$(inkscape --version 2> /dev/null | head -n 1)")
      else
        missing+=("inkscape: not on this machine (Debian: apt install inkscape)")
      fi
      ;;
    *) die "there is no peer $peer (vtracer, potrace, imagetracer, inkscape; others with --peer NAME=CMD)" ;;
  esac
done
for peer in ${more[@]+"${more[@]}"}; do
  case $peer in *=*'{out}'*) ;; *) die "--peer wants NAME=CMD with {in} and {out}" ;; esac
  add "${peer%%=*}" all "${peer#*=}"
done

# --- the tables --------------------------------------------------------------------------------------------
cat << TEXT
## Against the known drawings

$("$svg_ai" --version)$(git -C "$root" rev-parse --short HEAD 2> /dev/null | sed 's/^/, commit /'); $(uname -sm), $(getconf _NPROCESSORS_ONLN) cores; ${versions[*]+$(printf '%s; ' "${versions[@]}")}$samples drawings a class, $side px, $([ $alpha = 1 ] && echo transparent || echo white) ground.
Colour difference and SSIMULACRA2 are those of the trace, drawn at $truth_side px, against the artist's file drawn at
$truth_side px, a size that no tool saw. Nodes, numbers and bytes are multiples of the artist's file (geometric mean).
Times are of the whole process, one at a time; svg-ai's include decoding, measuring and a synced write.

TEXT
for line in ${missing[@]+"${missing[@]}"}; do
  printf -- '- **missing**, %s\n' "$line"
done
[ ${#missing[@]} = 0 ] || echo

python3 - "$tools" "$cache/settings.json" "$svg_ai" "$set_" "$cache/traced-$name" "$alpha" << 'PY'
import json, shlex, sys
tools, settings, svg_ai, set_, out, alpha = sys.argv[1:]
rows = [line.rstrip("\n").split("\t") for line in open(tools, encoding="utf-8")]
tools = [{"name": n, "classes": [] if classes == "all" else classes.split(","), "command": shlex.split(command)}
         for n, classes, command in rows]
with open(settings, "w", encoding="utf-8") as f:
    json.dump({"svg_ai": svg_ai, "set": set_, "out": out, "alpha": alpha == "1", "tools": tools}, f)
PY
python3 "$here/measure.py" "$cache/settings.json"

if [ $bench = 1 ]; then
  # The same pictures measured by the product's own bench: each trace against the picture it was made from.
  compare=()
  while IFS=$'\t' read -r tool classes command; do
    case $tool in 'svg-ai '*) continue ;; esac
    [ "$classes" = all ] || continue
    compare+=(--compare "$command")
  done < "$tools"
  say "svg-ai bench"
  printf '## Against the pictures themselves\n\n`svg-ai bench --compare`: quality is 1 when the trace, drawn at %s px, is the picture.\n\n```text\n' "$side"
  status=0
  "$svg_ai" bench "$set_/images" --jobs 1 ${compare[@]+"${compare[@]}"} || status=$?
  printf '```\n'
  # 1: an image failed, which the table says.
  [ $status -le 1 ] || die "svg-ai bench ended with $status"
fi
