"""Everything that was ever stored can still be read: one record of each type and shape, as it once was."""

from pathlib import Path
from typing import Final

import pytest

from infra.journal.codec import Codec
from schemas import vocabulary
from scripts import keep
from scripts.story import told

FOLDER: Final = Path(__file__).parent
KEPT: Final = sorted(FOLDER.glob("*/*.json"))
APPEND_ONLY: Final = (
    "history is append-only: journals hold records like this one for ever, so let today's class read it "
    "(a new type with an upcast), and let `python -m scripts.publish` add a new file beside it"
)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_record_as_it_once_was_is_read_as_todays_class(path: Path) -> None:
    codec = Codec()
    record = codec.envelope(path.read_bytes())
    event = codec.event(record)

    assert path.parent.name == record.type
    assert vocabulary.ALL[event.TYPE] is type(event), APPEND_ONLY


def test_of_everything_that_can_be_said_there_is_a_record() -> None:
    missing = set(vocabulary.ALL) - {path.parent.name for path in KEPT}

    assert set() == missing, f"tell it in scripts/story, then python -m scripts.publish: {sorted(missing)}"


def test_the_records_of_a_type_are_numbered_without_a_gap() -> None:
    numbers: dict[str, list[int]] = {}
    for path in KEPT:
        numbers.setdefault(path.parent.name, []).append(int(path.stem))

    assert {name: list(range(1, len(found) + 1)) for name, found in numbers.items()} == {
        name: sorted(found) for name, found in numbers.items()
    }


def test_no_kept_record_was_changed_or_taken_away() -> None:
    lines = (FOLDER / keep.DIGESTS).read_text(encoding="utf-8").splitlines()
    digests = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    there = {path.relative_to(FOLDER).as_posix(): keep.digest(path) for path in KEPT}

    assert digests == there, APPEND_ONLY


def test_every_shape_that_is_said_today_is_kept(tmp_path: Path) -> None:
    target = tmp_path / keep.FOLDER
    for path in [*KEPT, FOLDER / keep.DIGESTS]:
        (target / path.relative_to(FOLDER)).parent.mkdir(parents=True, exist_ok=True)
        (target / path.relative_to(FOLDER)).write_bytes(path.read_bytes())

    assert [] == keep.keep_what_is_new(told(), tmp_path), "keep today's shapes too: python -m scripts.publish"
