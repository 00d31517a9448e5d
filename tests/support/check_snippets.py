# SPDX-License-Identifier: Apache-2.0
"""Runs what the documentation shows: every complete scenario in a Markdown page, and compiles every complete program.

usage: check_snippets.py SOURCE_DIR TWIN COMPILER

A scenario is complete when it has `format = 1` and a machine; a program, when it has a `main`.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)


def run_scenario(twin, text, folder):
    file = pathlib.Path(folder) / "snippet.toml"
    file.write_text(text)
    command = [twin, "run", str(file), "-r", "2", "--quiet"]
    if "[factor]" in text or "[design]" in text or "[replicate]" in text:
        command = [twin, "check", str(file)]
    return subprocess.run(command, capture_output=True, text=True)


def compile_program(compiler, root, text):
    command = [compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", f"-I{root}", "-x", "c++", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True)


def main():
    root, twin, compiler = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    pages = [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("scenarios/*.md")]
    ran, faults = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for csv in root.glob("scenarios/*.csv"):
            (pathlib.Path(folder) / csv.name).write_bytes(csv.read_bytes())
        for page in sorted(pages):
            for language, text in FENCE.findall(page.read_text()):
                if language == "toml" and "format = 1" in text and "[machine." in text:
                    result = run_scenario(twin, text, folder)
                elif language == "cpp" and "int main(" in text:
                    result = compile_program(compiler, root, text)
                else:
                    continue
                ran += 1
                if result.returncode:
                    faults += 1
                    print(f"{page.relative_to(root)}: a {language} snippet ends with {result.returncode}\n{result.stderr}")
    print(f"snippets: {ran} run, {faults} faults")
    return faults > 0 or ran == 0


if __name__ == "__main__":
    sys.exit(main())
