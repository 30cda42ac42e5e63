"""Every golden example is read as what its name says, by the very classes that read a journal."""

from typing import Final

import msgspec
import pytest

from schemas import vocabulary
from schemas.envelope import Record
from tests.house.events import EXAMPLES, declared_classes
from tests.house.tree import REPOSITORY

SHARED: Final = sorted(event.wire_name for event in declared_classes(REPOSITORY) if event.is_shared)


def test_what_the_checkers_read_is_what_python_sees() -> None:
    assert sorted(vocabulary.MESSAGES) == SHARED


@pytest.mark.parametrize("name", SHARED)
def test_a_golden_example_is_a_message_of_its_name(name: str) -> None:
    record = msgspec.json.decode((REPOSITORY / EXAMPLES / f"{name}.json").read_bytes(), type=Record)

    assert name == record.type
    assert isinstance(msgspec.json.decode(record.data, type=vocabulary.MESSAGES[name]), vocabulary.MESSAGES[name])
