# SPDX-License-Identifier: Apache-2.0
"""Every relative link in a Markdown file leads to a file that is there, and to a heading that is in it.

usage: check_links.py SOURCE_DIR
"""
import pathlib
import re
import sys

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.M)
CODE = re.compile(r"^```.*?^```|^~~~.*?^~~~", re.M | re.S)


def anchors(text):
    """The names that a Markdown viewer gives to the headings."""
    words = (re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", h).lower()) for h in HEADING.findall(CODE.sub("", text)))
    return {w.replace(" ", "-") for w in words}


def main():
    root = pathlib.Path(sys.argv[1])
    skipped = {".git", "build", "out"}
    pages = [p for p in sorted(root.rglob("*.md")) if not skipped & set(p.relative_to(root).parts)]
    links = broken = 0
    for page in pages:
        text = re.sub(r"`[^`\n]*`", "", CODE.sub("", page.read_text()))
        for target in (a or b for a, b in LINK.findall(text)):
            if re.match(r"[a-z]+:", target):
                continue
            links += 1
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            if not file.exists():
                print(f"{page.relative_to(root)}: {target}: no such file")
                broken += 1
            elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text()):
                print(f"{page.relative_to(root)}: {target}: no such heading")
                broken += 1
    print(f"links: {len(pages)} pages, {links} links, {broken} broken")
    return broken > 0 or not pages


if __name__ == "__main__":
    sys.exit(main())
