# SPDX-License-Identifier: Apache-2.0
"""Instructions per timer and per operation, by callgrind: free of noise, so it can be a gate.

usage: count_instructions.py BENCH_ENGINE [--gate]

Two lengths of each run are differenced, so that start-up does not count. With --gate the exit code is 1 when a workload
without statistics needs more than its limit per timer.
"""
import re
import subprocess
import sys

# Workload: two horizons, and the most instructions per timer without statistics.
WORKLOADS = {
    "mm1": (10000, 60000, 140),
    "line10": (2000, 10000, 210),
    "line100": (300, 1200, 270),
    "shop1000": (200, 600, 350),
}


def count(bench, workload, horizon, statistics):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", bench, "--once", workload,
               str(horizon), statistics]
    out = subprocess.run(command, check=True, capture_output=True, text=True)
    instructions = int(re.search(r"Collected : (\d+)", out.stderr).group(1))
    timers = int(re.search(r"timers (\d+)", out.stdout).group(1))
    return instructions, timers


def per_timer(bench, workload, statistics):
    short, long, _ = WORKLOADS[workload]
    i1, t1 = count(bench, workload, short, statistics)
    i2, t2 = count(bench, workload, long, statistics)
    return (i2 - i1) / (t2 - t1)


def main():
    bench = sys.argv[1]
    too_many = 0
    for workload, (_, _, limit) in WORKLOADS.items():
        bare = per_timer(bench, workload, "off")
        full = per_timer(bench, workload, "on")
        verdict = "ok" if bare <= limit else "too many"
        too_many += bare > limit
        print(f"{workload:<9} {bare:6.1f} instructions per timer bare (limit {limit}: {verdict}), "
              f"{full:6.1f} with statistics ({100 * (full / bare - 1):+.1f} %)")
    sys.exit(1 if too_many and "--gate" in sys.argv else 0)


if __name__ == "__main__":
    main()
