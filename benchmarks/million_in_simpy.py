# SPDX-License-Identifier: Apache-2.0
"""How long the million runs of `make demo` would take in SimPy: a few runs of the same line are measured in both, in turn, on
one core, and the time is extrapolated. That both simulate the same line is checked by their throughputs and lead times.

usage: million_in_simpy.py TWIN SCENARIO [RUNS]
"""
import json
import pathlib
import statistics
import subprocess
import sys

MILLION = 1_000_000
DESIGNS = 512


def main():
    twin, scenario = sys.argv[1:3]
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 6
    script = pathlib.Path(__file__).parent / "simpy" / "million_line.py"

    def call(*words):
        return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True).stdout

    theirs, ours = [], []
    rates, leads = [], []
    for seed in range(runs):
        rate, lead, took = map(float, call(sys.executable, script, 10000, 1000, seed).split())
        theirs.append(took)
        rates.append(rate)
        leads.append(lead)
        sweep = json.loads(call(twin, "sweep", scenario, "--set", f"design.points={DESIGNS}", "--threads", 1, "--quiet",
                                "--json"))
        ours.append(sweep["cpu_s"] / sweep["runs"])
    standing = json.loads(call(twin, "run", scenario, "--replications", 200, "--quiet", "--json"))["kpis"]

    print(f"SimPy    {min(theirs):10.3f} s a run of 10,000 parts (best of {runs})")
    print(f"libtwin  {1e6 * min(ours):10.1f} µs a run, all designs of the study (best of {runs})")
    print(f"ratio    {min(theirs) / min(ours):10,.0f}")
    print(f"a million runs in SimPy on one core, extrapolated: {min(theirs) * MILLION / 86400:.1f} days; "
          f"on two: {min(theirs) * MILLION / 86400 / 2:.1f} days")
    for name, values, unit in (("throughput", rates, "/h"), ("lead_time", leads, "s")):
        error = statistics.stdev(values) / len(values) ** 0.5
        apart = (statistics.mean(values) - standing[name]["mean"]) / error
        print(f"{name}: SimPy {statistics.mean(values):.2f} ± {2 * error:.2f} {unit}, libtwin "
              f"{standing[name]['mean']:.2f} ± {standing[name]['half_width']:.2f}: {apart:+.1f} standard errors apart")
        if abs(apart) > 5:
            sys.exit("the two do not simulate the same line")


if __name__ == "__main__":
    main()
