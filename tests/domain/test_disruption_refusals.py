"""Every code with which disruption says no has a sentence, and no sentence is left of a code that is gone."""

import ast
import inspect
import textwrap

import pytest

from services.disruption.domain import action, gate, order, proposal, task_replies
from services.disruption.domain.refusals import REFUSALS
from tests.refusal_codes import codes_of

POLICIES = {policy for decider in (action, order) for rules in decider.POLICIES.values() for policy in rules}
HOMES = (action, gate, order, proposal, task_replies)


def codes_returned() -> set[str]:
    """Every kebab-case code among what the policies return, wherever they stand."""
    codes: set[str] = set()
    for policy in POLICIES:
        module = ast.parse(textwrap.dedent(inspect.getsource(policy)))
        for node in ast.walk(module):
            if isinstance(node, ast.Return) and node.value is not None:
                codes |= set(_codes(node.value))
    return codes


def _codes(value: ast.expr) -> list[str]:
    match value:
        case ast.Constant(value=str(code)):
            return [code]
        case ast.IfExp(body=body, orelse=orelse):
            return [*_codes(body), *_codes(orelse)]
        case _:
            return []


def raised() -> set[str]:
    refusing = {"text-may-locate", "text-may-name-source", "text-may-name-a-person"}
    return codes_of("disruption") | refusing


def test_every_refusal_has_its_sentence() -> None:
    assert REFUSALS.keys() == raised() | codes_returned()


def test_every_policy_is_found_and_says_no_in_one_way() -> None:
    assert {home.__name__ for home in HOMES} == {policy.__module__ for policy in POLICIES}


@pytest.mark.parametrize("code", REFUSALS)
def test_a_sentence_says_what_to_do_and_names_nobody(code: str) -> None:
    sentence = REFUSALS[code]

    assert sentence[0].isupper()
    assert sentence.endswith(".")
