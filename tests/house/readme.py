"""What the documents tell people to type, and the places they send them to: it works and it is there.

A fenced block that follows the comment `<!-- run -->` is run as it stands; of every other one the names are checked.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.house.tree import CODE, found

SHELL: Final = frozenset({"bash", "console", "sh", "shell"})
RUN_SECONDS_MAX: Final = 300

_BLOCK: Final = re.compile(
    r"(?P<run><!-- run -->\s*\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_MAKE: Final = re.compile(r"(?:^|[\s`$(&;])make ((?!-)[a-z][a-z-]*)")
_CORDON: Final = re.compile(r"(?:^\s*(?:\$ )?|[`(&;]\s*)(?:cordon|python -m services) ([a-z][a-z-]*)")
_PLACE: Final = re.compile(r"`((?:{})/[\w./*-]+)`".format("|".join((*CODE, "docs", "scripts", "tests"))))
_LISTED_COMMAND: Final = re.compile(r"^  ([a-z][a-z-]*)(?:  .*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block of a document, where it begins, and whether it says that it may be run."""

    language: str
    text: str
    line: int
    runs: bool


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a document that name a language."""
    return [
        Block(
            language=match["language"],
            text=match["text"],
            line=text.count("\n", 0, match.start("language")) + 1,
            runs=match["run"] is not None,
        )
        for match in _BLOCK.finditer(text)
    ]


def documents(root: Path) -> list[Path]:
    """The documents that people are sent to."""
    return [*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md"))]


def unrun_readme(root: Path) -> list[str]:
    """A README that is missing, or that shows nothing which is run."""
    readme = root / "README.md"
    if not readme.exists():
        return ["README.md:1: the README is missing"]
    if not any(block.runs for block in blocks(readme.read_text(encoding="utf-8"))):
        return ["README.md:1: no block is run: put `<!-- run -->` above one"]
    return []


def unknown_targets(root: Path) -> list[str]:
    """Targets of make that a document names and the Makefile does not have."""
    targets = set(re.findall(r"^([a-z][a-z-]*):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    return _unknown(root, _MAKE, targets, "make")


def unknown_commands(root: Path, commands: Sequence[str]) -> list[str]:
    """Commands of `cordon` that a document names and the program does not have."""
    return _unknown(root, _CORDON, set(commands), "cordon")


def _unknown(root: Path, pattern: re.Pattern[str], known: set[str], program: str) -> list[str]:
    return [
        found(root, path, number, f"there is no `{program} {name}`")
        for path in documents(root)
        for number, line in _typed_lines(path.read_text(encoding="utf-8"))
        for name in pattern.findall(line)
        if name not in known
    ]


def _typed_lines(text: str) -> Iterator[tuple[int, str]]:
    """What is typed: the lines of shell blocks, and what stands between backticks in a sentence."""
    for block in blocks(text):
        if block.language in SHELL:
            yield from enumerate(block.text.splitlines(), block.line + 1)
    fenced = {number for block in blocks(text) for number, _ in enumerate(block.text.splitlines(), block.line + 1)}
    for number, line in enumerate(text.splitlines(), 1):
        if number not in fenced:
            yield from ((number, f"`{quoted}`") for quoted in re.findall(r"`([^`]+)`", line))


def lost_places(root: Path) -> list[str]:
    """Files and folders that a document sends people to and that are not there."""
    return [
        found(root, path, number, f"there is no `{place}`")
        for path in documents(root)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for place in _PLACE.findall(line)
        if not any(root.glob(place.rstrip("/")))
    ]


def broken_python(root: Path) -> list[str]:
    """Blocks of Python that are none."""
    findings = []
    for path in documents(root):
        for block in blocks(path.read_text(encoding="utf-8")):
            if block.language == "python":
                try:
                    compile(block.text, str(path), "exec")
                except SyntaxError as error:
                    findings.append(found(root, path, block.line + (error.lineno or 1), error.msg))
    return findings


def commands(root: Path) -> list[str]:
    """The commands of `cordon`, as its own help lists them."""
    ran = subprocess.run(
        [sys.executable, "-m", "services", "--help"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return _LISTED_COMMAND.findall(ran.stdout.partition("Commands:")[2])


def run(root: Path, block: Block) -> subprocess.CompletedProcess[str]:
    """Run a block as a reader would, at the root of the repository, with this very Python first in the path."""
    lines = block.text.splitlines()
    if block.language == "console":
        lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    program = [sys.executable, "-c"] if block.language == "python" else ["sh", "-euc"]
    return subprocess.run(
        [*program, "\n".join(lines)],
        cwd=root,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=RUN_SECONDS_MAX,
        check=False,
    )
