# SPDX-License-Identifier: Apache-2.0
"""What the library never does (print, exit, read the environment or the clock of the wall) and what no file holds
(the path of somebody's machine, work left for later).

usage: check_forbidden.py SOURCE_DIR
       check_forbidden.py --self-test
"""
import pathlib
import re
import sys

# In libtwin/ outside cli/: (pattern, why).
LIBRARY = [
    (r"\bstd::(cout|cerr|clog|cin)\b", "the library does not print"),
    (r"\b(std::)?(printf|fprintf|vprintf|vfprintf|puts|fputs|putchar|perror)\s*\(", "the library does not print"),
    (r"\bfmt::print\s*\(|#\s*include\s*<iostream>", "the library does not print"),
    (r"\b(std::)?(secure_)?getenv\s*\(", "the library does not read the environment"),
    (r"(?<![.\w>])(std::)?(exit|_Exit|quick_exit|abort|terminate)\s*\(", "the library does not end the process"),
    (r"\b(std::)?signal\s*\(|\bsigaction\b", "the library installs no signal handlers"),
    (r"\bstd::random_device\b|\bs?rand\s*\(\s*\)", "randomness comes from keyed streams only"),
    (r"\bsystem_clock\b|\bstd::time\s*\(", "a result does not depend on the clock of the wall"),
    (r"\bstd::system\s*\(|\bpopen\s*\(", "the library starts no programs"),
    (r"\bthread_local\b|^\s*using\s+namespace\s+std\b", "no global state; no using namespace std"),
]
# In every text file: (pattern, why).
EVERYWHERE = [
    (r"(?<![\w.${}~])/(home|root|work|Users|mnt|opt)/\w", "path of somebody's machine"),
    (r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b", "work left for later: do it, or open an issue"),
]
TEXT = {".hpp", ".cpp", ".py", ".md", ".toml", ".json", ".cmake", ".txt", ".in", ".cff", ".yml", ".csv", ".sh", ""}
COMMENT = re.compile(r"//.*$")
# A string's text may speak of exit codes; a pattern about calls should not see it.
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def faults_in(name, text):
    in_library = name.startswith("libtwin/") and not name.startswith("libtwin/cli/") and name.endswith((".hpp", ".cpp"))
    for number, line in enumerate(text.splitlines(), 1):
        if in_library:
            code = COMMENT.sub("", STRING.sub('""', line))
            for pattern, why in LIBRARY:
                if re.search(pattern, code):
                    yield number, why
        for pattern, why in EVERYWHERE:
            if re.search(pattern, line):
                yield number, why


def self_test():
    library = ["std::cout << 1;", "printf(\"x\");", "std::puts(s);", "std::getenv(\"HOME\");", "exit(1);", "std::abort();",
               "std::random_device d;", "auto t = std::chrono::system_clock::now();", "fmt::print(\"x\");"]
    innocent = ["co_await on_exit(x);", "std::snprintf(b, n, f);", "// exit(1) is for the program", "auto s = \"exit(2)\";",
                "loop.exit();", "operand()"]
    missed = [c for c in library if not list(faults_in("libtwin/core/a.cpp", c))]
    missed += [c for c in ["/ho" "me/me/x", "// TO" "DO later"] if not list(faults_in("docs/a.md", c))]
    alarms = [c for c in innocent if list(faults_in("libtwin/core/a.cpp", c))]
    alarms += [c for c in library if list(faults_in("libtwin/cli/main.cpp", c))]
    for c in missed:
        print(f"not found: {c}")
    for c in alarms:
        print(f"false alarm: {c}")
    return bool(missed or alarms)


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    root = pathlib.Path(sys.argv[1])
    skipped = {".git", "build", "out", ".cache", "__pycache__"}
    count = files = 0
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if skipped & set(name.parts) or not path.is_file() or path.suffix not in TEXT:
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue  # Binary on purpose: an input that the reader must refuse.
        files += 1
        for line, why in faults_in(name.as_posix(), text):
            print(f"{name}:{line}: {why}")
            count += 1
    print(f"forbidden: {files} files, {count} faults")
    return count > 0 or not files


if __name__ == "__main__":
    sys.exit(main())
