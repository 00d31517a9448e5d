# SPDX-License-Identifier: Apache-2.0
"""Holds the plan of the house: which room may include which, and which third party (docs/explanation/architecture.md).

usage: check_layers.py SOURCE_DIR PUBLIC_HEADER_LIST
       check_layers.py --self-test
"""
import pathlib
import re
import sys

# From the ground up. Room: (rooms it may include besides itself, prefixes of third-party headers its sources may include).
ROOMS = {
    "core": ((), ("boost/math/", "fmt/")),
    "stats": (("core",), ("boost/math/",)),
    "model": (("core",), ("fmt/",)),
    "scenario": (("core", "model"), ("toml++/", "nlohmann/", "fmt/")),
    "engine": (("core", "stats"), ()),
    "lanes": (("core", "stats", "engine"), ()),
    "compile": (("core", "model", "engine", "lanes"), ("boost/", "fmt/")),
    "results": (("core", "stats"), ("nlohmann/", "fmt/", "sqlite3.h")),
    # A study sets values by the names of the description and compiles once, so it stands above both.
    "experiment": (
        ("core", "stats", "model", "scenario", "engine", "lanes", "compile", "results"),
        ("boost/random/", "fmt/"),
    ),
    "report": (("core", "stats", "model", "scenario", "engine", "lanes", "compile", "results", "experiment"), ("nlohmann/", "fmt/")),
}
# A library of its own, where there is an MPI.
ROOMS["mpi"] = (("experiment",), ("mpi.h",))
# The programs may include every room.
ROOMS["cli"] = (tuple(ROOMS), ("CLI/", "nlohmann/", "fmt/"))

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
# Headers of C++ have no suffix and no folder; those of C and POSIX end in .h.
CPP_STANDARD = re.compile(r"^[a-z_]+[0-9]*$")
SYSTEM = re.compile(r"^(sys/)?[a-z_]+\.h$")


def faults_in(name, text, public):
    """Yields (line, what is wrong) for one file; `name` is its path, `public` the set of public headers."""
    room = name.split("/")[1] if name.count("/") > 1 else ""
    # A header at the top of libtwin/ gathers rooms and belongs to none.
    rooms, parties = ROOMS.get(room, (tuple(ROOMS), ()))
    if room and room not in ROOMS:
        yield 0, f"room '{room}' is not in the table of check_layers.py"
        return
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, header = match.groups()
        if quote == '"':
            yield number, f'"{header}": write <libtwin/…>, with the full path'
        elif header.startswith("libtwin/"):
            target = header.split("/")[1] if header.count("/") > 1 else ""
            if target != room and target not in rooms:
                yield number, f"{room} may not include {target} ({header}); it may include: {', '.join(rooms) or 'nothing'}"
            if name in public and header not in public:
                yield number, f"public header includes {header}, which is not installed"
        elif CPP_STANDARD.match(header):
            continue
        elif name in public:
            yield number, f"public header includes {header}; only the standard library and libtwin/ are allowed"
        elif not SYSTEM.match(header) and not header.startswith(parties):
            yield number, f"{room} may not include {header}; it may include: {', '.join(parties) or 'no third party'}"
        elif SYSTEM.match(header) and room == "engine":
            yield number, f"{room} may not call the system ({header})"


def self_test():
    order = list(ROOMS)
    for room, (rooms, _) in ROOMS.items():
        for below in rooms:
            if room != "cli" and order.index(below) >= order.index(room):
                print(f"the table lets {room} include {below}, which is not below it")
                return True
    public = {"libtwin/core/a.hpp"}
    wrong = {
        "a room above": ("libtwin/core/b.cpp", "#include <libtwin/engine/run.hpp>"),
        "a party of another room": ("libtwin/engine/b.cpp", "#include <fmt/format.h>"),
        "a party in a public header": ("libtwin/core/a.hpp", "#include <boost/math/special_functions.hpp>"),
        "a private header in a public one": ("libtwin/core/a.hpp", "#include <libtwin/core/b.hpp>"),
        "quotes": ("libtwin/core/b.cpp", '#include "b.hpp"'),
        "an unknown room": ("libtwin/utils/b.cpp", ""),
    }
    right = {
        "standard library": ("libtwin/core/a.hpp", "#include <vector>"),
        "a room below": ("libtwin/engine/b.cpp", "#include <libtwin/core/a.hpp>"),
        "its own party": ("libtwin/core/b.cpp", "#include <boost/math/special_functions.hpp>"),
    }
    missed = [what for what, (name, text) in wrong.items() if not list(faults_in(name, text, public))]
    alarms = [what for what, (name, text) in right.items() if list(faults_in(name, text, public))]
    for what in missed:
        print(f"not found: {what}")
    for what in alarms:
        print(f"false alarm: {what}")
    return bool(missed or alarms)


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    root = pathlib.Path(sys.argv[1])
    listed = pathlib.Path(sys.argv[2]).read_text().split()
    public = {pathlib.Path(h).relative_to(root).as_posix() for h in listed}
    files = sorted(p for p in (root / "libtwin").rglob("*") if p.suffix in (".hpp", ".cpp"))
    count = 0
    for path in files:
        name = path.relative_to(root).as_posix()
        for line, what in faults_in(name, path.read_text(), public):
            print(f"{name}:{line}: {what}")
            count += 1
    print(f"layers: {len(files)} files, {count} faults")
    return count > 0 or not files


if __name__ == "__main__":
    sys.exit(main())
