"""A code is said in one sentence, whichever service says it: people learn what it means once."""

from infra.web.problems import EDGE_REFUSALS
from services.__main__ import all_services


def test_every_code_has_one_sentence() -> None:
    sentences: dict[str, set[str]] = {code: {sentence} for code, sentence in EDGE_REFUSALS.items()}
    for service in all_services():
        for code, sentence in service.refusals.items():
            sentences.setdefault(code, set()).add(sentence)

    assert {} == {code: said for code, said in sentences.items() if len(said) > 1}
