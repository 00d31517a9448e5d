# SPDX-License-Identifier: Apache-2.0
"""Runs the same workloads in SimPy and in libtwin, in turn, and prints the ratio of the times per operation.

usage: compare_simpy.py BENCH_ENGINE [REPETITIONS]
"""
import pathlib
import re
import subprocess
import sys

HORIZON = {"mm1": 40000, "line10": 4000}


def main():
    bench = sys.argv[1]
    repetitions = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    script = pathlib.Path(__file__).parent / "simpy" / "mm1_and_line.py"
    for workload, horizon in HORIZON.items():
        theirs, ours = [], []
        for _ in range(repetitions):
            out = subprocess.run([sys.executable, str(script), workload, str(horizon)], check=True,
                                 capture_output=True, text=True).stdout.split()
            theirs.append(1e9 * float(out[1]) / int(out[0]))
            text = subprocess.run([bench, "--repetitions", "3", workload], check=True, capture_output=True, text=True).stdout
            ours.append(float(re.search(r"([\d.]+) ns/operation", text).group(1)))
        print(f"{workload:<9} SimPy {min(theirs):8.0f} ns/operation, libtwin {min(ours):6.1f} ns/operation: "
              f"x{min(theirs) / min(ours):.0f}")


if __name__ == "__main__":
    main()
