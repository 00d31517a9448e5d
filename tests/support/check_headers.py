# SPDX-License-Identifier: Apache-2.0
"""Every public header compiles alone and stays within its budget of preprocessed lines.

A customer pays for what a header includes in each of his files, so the price is held down.

usage: check_headers.py SOURCE_DIR PUBLIC_HEADER_LIST COMPILER
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys

BUDGET = 60_000
# Opt-in: whoever includes these compiles the engine's loop into his own program, and the loop needs more.
LOOP = ("libtwin/engine/policy.hpp", "libtwin/engine/detail/")
LOOP_BUDGET = 75_000


def check(root, compiler, header):
    """Returns (preprocessed lines, the compiler's complaint or an empty text)."""
    base = [compiler, "-std=c++20", "-x", "c++", f"-I{root}"]
    source = f"#include <{header}>\n"
    text = subprocess.run([*base, "-E", "-P", "-"], input=source, capture_output=True, text=True)
    if text.returncode:
        return 0, text.stderr
    # Twice: a header must survive being included again.
    warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
    alone = subprocess.run([*base, *warnings, "-"], input=source * 2, capture_output=True, text=True)
    return text.stdout.count("\n"), alone.stderr if alone.returncode else ""


def main():
    root = pathlib.Path(sys.argv[1])
    headers = [pathlib.Path(h).relative_to(root).as_posix() for h in pathlib.Path(sys.argv[2]).read_text().split()]
    faults = 0
    heaviest = (0, "")  # of those under the common budget
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for header, (lines, complaint) in zip(headers, pool.map(lambda h: check(root, sys.argv[3], h), headers)):
            budget = LOOP_BUDGET if header.startswith(LOOP) else BUDGET
            if budget == BUDGET:
                heaviest = max(heaviest, (lines, header))
            if complaint:
                print(f"{header}: does not compile alone\n{complaint}")
                faults += 1
            elif lines > budget:
                print(f"{header}: {lines} preprocessed lines, budget {budget}")
                faults += 1
    print(f"headers: {len(headers)} public, heaviest {heaviest[1]} with {heaviest[0]} lines, {faults} faults")
    return faults > 0 or not headers


if __name__ == "__main__":
    sys.exit(main())
