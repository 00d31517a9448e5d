#!/usr/bin/env bash
# A sweep in shards by GNU parallel: on the cores of this machine, or on machines that are reached by ssh.
#
# usage: parallel.sh STUDY STORE SHARDS [HOSTS [FILE...]]
#
# HOSTS is a list for parallel's --sshloginfile: a host a line. Each needs twin and rsync, and no folder in common with
# this machine: STUDY goes there, and with it each FILE that the study reads. Name them relative to where you are. More
# shards than hosts keep the fast ones busy while the slow ones work.
#
# After a failure run it again: what came back is not made again. On one machine alone, `twin sweep STUDY --store STORE`
# does the same by threads.
set -euo pipefail
trap 'exit 130' INT TERM
export SHELL=${SHELL:-/bin/sh}  # parallel writes its commands for the hosts in this one's words

usage="usage: parallel.sh STUDY STORE SHARDS [HOSTS [FILE...]]"
study=${1:?$usage} store=${2:?$usage} shards=${3:?$usage} hosts=${4:-}
shift $(($# < 4 ? $# : 4))

if [ -z "$hosts" ]; then
  # One store for all: a block gets its name when it is finished, and there is nothing to merge.
  seq 0 $((shards - 1)) | parallel --quote --retries 2 \
    twin sweep "$study" --store "$store" --shard "{}/$shards" --threads 1 --quiet >/dev/null ||
    echo "parallel.sh: not all shards ended well; what they left is made now" >&2
else
  # A store of its own for each shard, in a temporary folder over there that parallel fetches and removes. A shard that
  # fails is tried on another host. The log says, when this runs again, which have come back.
  parts=$store.parts
  mkdir -p "$parts"
  files=()
  for file in "$study" "$@"; do files+=(--transferfile "$file"); done
  seq 0 $((shards - 1)) | parallel --quote --sshloginfile "$hosts" --jobs 1 --retries 3 \
    --joblog "$parts/of-$shards.log" --resume-failed \
    --workdir ... "${files[@]}" --return "$parts/./{}-of-$shards.twin" --cleanup \
    twin sweep "$study" --store "{}-of-$shards.twin" --shard "{}/$shards" --quiet >/dev/null
  twin merge "$store" "$parts"/*-of-"$shards".twin
fi

# Later rounds, which need all of the first, and the report. A store of another study is refused.
exec twin sweep "$study" --store "$store"
