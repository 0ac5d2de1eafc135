#!/usr/bin/env bash
# Runs the examples of docs/many-machines.md that can run on one machine, for real, and compares what comes
# out with a run that was not split: scripts/many-machines.sh [IMAGES]
#
# GNU parallel and make are used where they are installed, Slurm where `sbatch` has a cluster to talk to
# (docs/many-machines.md says how to start one). What is left out is said.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
images=$(realpath "${1:-fixtures/images}")
cargo build --quiet --locked --bin svg-ai
PATH=$(realpath "${CARGO_TARGET_DIR:-target}/debug"):$PATH
export PATH
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
status=0

# Deadlines depend on how busy the machine is; they are not what is compared.
options=(--quiet --quality fast --timeout 60s)

# What two runs that did the same differ in.
timeless() {
  python3 - "$1" <<'PY'
import json, sys
OF_THE_RUN = {"started", "ended", "times", "ms", "seconds", "items_per_second", "peak_memory_bytes", "reused"}
def strip(value):
    if isinstance(value, dict):
        return {k: strip(v) for k, v in value.items() if k not in OF_THE_RUN}
    return [strip(v) for v in value] if isinstance(value, list) else value
report = json.load(open(sys.argv[1]))
# How it was run, rather than what was made.
for name in ("jobs", "resume", "report"):
    report["options"].pop(name, None)
print(json.dumps(strip(report), sort_keys=True, indent=1))
PY
}

# A folder with the images, and nothing made from them.
fresh() { rm -rf "$place/$1"; mkdir -p "$place/$1"; ln -s "$images" "$place/$1/art"; cd "$place/$1"; }

allowing_failed_items() { "$@" || [ $? -eq 1 ]; }

# Compares folder $1 with the run that was not split.
same() {
  if diff -r "$place/whole/svg" "$place/$1/svg" && diff <(timeless "$place/whole/report.json") <(timeless report.json); then
    echo "$1: $(find svg -name '*.svg' | wc -l) drawings and the merged report are those of the run that was not split"
  else
    echo "$1: DIFFERENT"; status=1
  fi
}

fresh whole
allowing_failed_items svg-ai batch art -o svg "${options[@]}" --report report.json

if command -v parallel > /dev/null; then
  fresh parallel
  parallel --will-cite -j 2 svg-ai batch art -o svg --shard '{}/8' --jobs 1 --resume "${options[@]}" \
    --report 'reports/{}.json' ::: 1 2 3 4 5 6 7 8 || [ $? -le 8 ]
  allowing_failed_items svg-ai batch --merge reports/*.json --report report.json --quiet
  same parallel
else
  echo "parallel: left out, it is not installed"
fi

if command -v make > /dev/null; then
  fresh make
  cat > Makefile <<'MAKE'
PARTS := 1 2 3 4
report.json: $(PARTS:%=reports/%.json)
	svg-ai batch --merge $^ --report $@ --quiet || [ $$? -eq 1 ]
# Exit code 1 says that an item failed, which the report of the whole says again.
reports/%.json: art
	svg-ai batch art -o svg --shard $*/4 --jobs 1 --resume $(OPTIONS) --report $@ || [ $$? -eq 1 ]
MAKE
  make --silent -j 2 OPTIONS="${options[*]}" 2> /dev/null
  same make

  # One image a rule, with depfiles: the drawings are those of `batch`, and nothing is made twice.
  fresh depfiles
  cat > Makefile <<'MAKE'
PICTURES := $(sort $(shell find -L art -name '*.png'))
DRAWINGS := $(PICTURES:art/%.png=svg/%.svg)
all: $(DRAWINGS)
svg/%.svg: art/%.png
	@mkdir -p $(@D)
	svg-ai convert --jobs 1 $(OPTIONS) $< -o $@ --deps $@.d
-include $(DRAWINGS:=.d)
MAKE
  make --silent -k -j 2 OPTIONS="${options[*]}" 2> /dev/null || true
  again=$(make -n -k OPTIONS="${options[*]}" 2> /dev/null | grep -c 'svg-ai convert' || true)
  made=$(find svg -name '*.svg' | wc -l)
  wrong=0
  for drawing in $(find svg -name '*.svg'); do cmp -s "$drawing" "$place/whole/$drawing" || wrong=$((wrong + 1)); done
  failed=$(($(find -L art -name '*.png' | wc -l) - made))
  if [ "$wrong" -eq 0 ] && [ "$again" -eq "$failed" ]; then
    echo "depfiles: $made drawings are those of batch; a second make has $again to do, those that failed"
  else
    echo "depfiles: DIFFERENT ($wrong of $made drawings, $again made again, $failed failed)"; status=1
  fi
else
  echo "make: left out, it is not installed"
fi

if command -v sbatch > /dev/null && sinfo --noheader > /dev/null 2>&1; then
  fresh slurm
  # The script takes no more options than it shows; these come from the environment.
  export SVG_AI_QUALITY=fast SVG_AI_TIMEOUT=60s
  sbatch --wait --parsable --array=1-4 "$root/deploy/slurm/shards.sh" 4 art svg > job || true
  unset SVG_AI_QUALITY SVG_AI_TIMEOUT
  mv svg/reports .
  allowing_failed_items svg-ai batch --merge reports/*.json --report report.json --quiet
  sacct --version > /dev/null 2>&1 && scontrol show job "$(cat job)" | grep -o 'ArrayTaskId=[0-9]* *\|JobState=[A-Z]*' | paste -sd' '
  same slurm
else
  echo "slurm: left out, there is no cluster"
fi
exit $status
