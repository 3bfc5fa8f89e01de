"""The commands that a page of the docs prints, to be run as they stand there, and what did not hold."""

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def blocks(page: str, section: str) -> list[str]:
    """The blocks of commands under a page's section, in order."""
    text = (DOCS / page).read_text(encoding="utf-8")
    there = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", there, re.DOTALL)


def lines(block: str) -> list[str]:
    """Its commands, each on one line."""
    return block.replace("\\\n", " ").splitlines()


def told(problems: list[str]) -> int:
    """Print what did not hold; the exit code."""
    for problem in problems:
        print(f"PROBLEM: {problem}")
    print("all held" if not problems else f"{len(problems)} problems")
    return int(bool(problems))
