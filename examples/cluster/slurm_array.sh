#!/usr/bin/env bash
# A sweep as a job array of Slurm: every task makes its share of the blocks; one more job then makes what is missing and
# prints the report, into twin-JOB.out.
#
# usage: slurm_array.sh STUDY STORE [TASKS]        run it, it calls sbatch by itself
#
# All tasks fill one store, in a folder that every node sees, as home folders are on most clusters. There is nothing to
# merge then, and a task that is requeued, or submitted again, simply runs again: it finds what it has made. Where nodes
# share no folder, see parallel.sh, which fetches a store of each shard and merges them.
#
# More tasks than the sweep has blocks are of no use: 128, for anything up to a million runs. Account, partition and the
# like go in by sbatch's own variables (SBATCH_ACCOUNT, SBATCH_PARTITION, …), the rest by the lines below.
#SBATCH --job-name=twin
#SBATCH --cpus-per-task=4
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
set -euo pipefail

usage="usage: slurm_array.sh STUDY STORE [TASKS]"
study=${1:?$usage} store=${2:?$usage} tasks=${3:-16}
threads=${SLURM_CPUS_PER_TASK:-1}

if [ "$tasks" = rest ]; then
  # Without --shard: the blocks of tasks that were lost, and later rounds, which need all of the first.
  exec twin sweep "$study" --store "$store" --threads "$threads"
elif [ -n "${SLURM_ARRAY_TASK_ID:-}" ]; then
  exec twin sweep "$study" --store "$store" --shard "$SLURM_ARRAY_TASK_ID/$tasks" --threads "$threads" --quiet
fi

array=$(sbatch --parsable --array="0-$((tasks - 1))" --output=%x-%A_%a.out "$0" "$study" "$store" "$tasks")
# afterany, not afterok: what becomes of a task costs time, never the result.
rest=$(sbatch --parsable --dependency="afterany:${array%%;*}" --output=%x-%j.out "$0" "$study" "$store" rest)
echo "array ${array%%;*}, then job ${rest%%;*}"
