"""The documents can be relied on: what they say to type works, and where they send people there is something."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house import readme
from tests.house.tree import REPOSITORY

Checker = Callable[[Path], list[str]]


@pytest.mark.parametrize(
    "checker",
    [readme.broken_python, readme.lost_places, readme.unknown_targets, readme.unrun_readme],
    ids=lambda checker: checker.__name__,
)
def test_the_documents_are_true(checker: Checker) -> None:
    findings = checker(REPOSITORY)

    assert [] == findings, "\n".join(findings)


def test_every_command_that_the_documents_name_exists() -> None:
    assert [] == readme.unknown_commands(REPOSITORY, readme.commands(REPOSITORY))


def test_the_readme_runs() -> None:
    for block in readme.blocks((REPOSITORY / "README.md").read_text(encoding="utf-8")):
        if block.runs:
            ran = readme.run(REPOSITORY, block)

            assert 0 == ran.returncode, f"README.md:{block.line}\n{ran.stdout}"


def written(root: Path, text: str) -> Path:
    """A throw-away tree with this README and a Makefile of one target."""
    (root / "README.md").write_text(text, encoding="utf-8")
    (root / "Makefile").write_text("gate: ## open it\n\ttrue\n", encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("checker", "text"),
    [
        (readme.broken_python, "```python\ngate(\n```\n"),
        (readme.lost_places, "see `services/gate/service.py`\n"),
        (readme.unknown_targets, "type `make fence`\n"),
        (readme.unknown_targets, "```console\n$ make fence\n```\n"),
        (readme.unrun_readme, "```sh\nmake gate\n```\n"),
        (lambda root: readme.unknown_commands(root, ["open"]), "type `cordon shut`\n"),
        (lambda root: readme.unknown_commands(root, ["open"]), "```sh\npython -m services shut\n```\n"),
    ],
)
def test_an_untrue_document_is_reported(checker: Checker, text: str, tmp_path: Path) -> None:
    assert 1 == len(checker(written(tmp_path, text)))


def test_a_true_document_is_not(tmp_path: Path) -> None:
    root = written(tmp_path, "<!-- run -->\n```console\n$ make gate  # or `cordon open`\n```\nthe cordon holds `demo/`")
    (root / "demo").mkdir()

    assert [] == [
        *readme.broken_python(root),
        *readme.lost_places(root),
        *readme.unknown_commands(root, ["open"]),
        *readme.unknown_targets(root),
        *readme.unrun_readme(root),
    ]


def test_a_missing_readme_is_reported(tmp_path: Path) -> None:
    assert 1 == len(readme.unrun_readme(tmp_path))


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("console", "$ test -f README.md\nwhat it prints is not typed\n", 0),
        ("console", "$ false\n$ true\n", 1),
        ("sh", "python -c 'import pytest'\n", 0),
        ("python", "raise SystemExit(3)\n", 3),
    ],
)
def test_a_block_is_run_as_a_reader_would(language: str, text: str, code: int, tmp_path: Path) -> None:
    block = readme.Block(language=language, text=text, line=1, runs=True)

    assert code == readme.run(written(tmp_path, ""), block).returncode
    assert os.environ["PATH"]
