"""The rules of the house over the whole tree, and for each a canary that shows it alive."""

from pathlib import Path
from typing import Final

import pytest

from tests.house import docstrings, events, lists, locks, purity, sizes, words
from tests.house.canaries import CANARIES, Canary, Checker
from tests.house.tree import REPOSITORY

CHECKERS: Final[tuple[Checker, ...]] = (
    docstrings.event_docstrings,
    docstrings.module_docstrings,
    docstrings.service_docstrings,
    events.examples,
    lists.unlisted_decisions,
    lists.unlisted_variants,
    locks.loose_locks,
    locks.unexplained_dependencies,
    purity.called_defaults,
    purity.impure_calls,
    purity.impure_imports,
    purity.thawed_shapes,
    sizes.long_files,
    sizes.long_functions,
    words.banned_names,
    words.machine_paths,
    words.registry_hosts,
    words.unfinished_marks,
)


@pytest.mark.parametrize("checker", CHECKERS, ids=lambda checker: checker.__name__)
def test_the_house_is_in_order(checker: Checker) -> None:
    findings = checker(REPOSITORY)

    assert [] == findings, "\n".join(findings)


@pytest.mark.parametrize("canary", CANARIES, ids=str)
def test_each_fence_reports_what_it_is_for_and_no_more(canary: Canary, tmp_path: Path) -> None:
    for name, text in canary.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    places = {finding.partition(": ")[0] for finding in canary.checker(tmp_path)}

    assert ({canary.place} if canary.place else set()) == places


def test_no_fence_is_without_a_canary() -> None:
    assert set(CHECKERS) == {canary.checker for canary in CANARIES if canary.place}
