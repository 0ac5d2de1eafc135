#!/bin/sh
#SBATCH --job-name=svg-ai
#SBATCH --cpus-per-task=1
#SBATCH --output=%x-%a.log
# One part of a batch, as a task of a Slurm array (docs/many-machines.md):
#   sbatch --array=1-8 deploy/slurm/shards.sh 8 art svg
# The number of parts is an argument, since Slurm's own count is another when some tasks are run again:
#   sbatch --array=3,5 deploy/slurm/shards.sh 8 art svg
set -eu
parts=$1 images=$2 drawings=$3
exec svg-ai batch "$images" -o "$drawings" --shard "$SLURM_ARRAY_TASK_ID/$parts" --resume --quiet \
  --jobs "${SLURM_CPUS_PER_TASK:-1}" --report "$drawings/reports/$SLURM_ARRAY_TASK_ID.json"
