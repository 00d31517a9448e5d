#!/usr/bin/env bash
# A sweep by all processes of one MPI job under Slurm. They take blocks from one counter, so fast and slow nodes end
# together, and all of them work at every round: the way for studies with long later rounds.
#
# usage: sbatch slurm_mpi.sh STUDY STORE           STORE in a folder that every node sees
#
# Processes wait for each other: when one is lost, Slurm ends all. Nothing that is in the store is made twice, so requeue
# it, or submit it again.
#SBATCH --job-name=twin-mpi
#SBATCH --ntasks=8
#SBATCH --cpus-per-task=4
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.out
set -euo pipefail

usage="usage: sbatch slurm_mpi.sh STUDY STORE"
study=${1:?$usage} store=${2:?$usage}
threads=${SLURM_CPUS_PER_TASK:-1}

# How srun introduces the processes to each other is the site's default or SLURM_MPI_TYPE: pmix for Debian's Open MPI, pmi2
# for its MPICH; see srun --mpi=list. With the wrong one, each process takes itself for the only one and all do the same
# work, or MPI_Init fails. `mpirun twin-mpi …` instead is right wherever the MPI was built for Slurm.
exec srun --kill-on-bad-exit=1 --cpus-per-task="$threads" \
  twin-mpi sweep "$study" --store "$store" --threads "$threads" --quiet
