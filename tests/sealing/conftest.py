"""One set of key files for the whole run, a clock that stands still, and entropy from a seed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.clock import ManualClock
from infra.entropy import SeededEntropy
from infra.sealing.keyring import Keyring
from infra.sealing.keys import init_keys, load_keys


@pytest.fixture(scope="session")
def key_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("site") / "keys"
    init_keys(directory)
    return directory


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2025, 3, 3, 9, tzinfo=UTC))


@pytest.fixture
def entropy() -> SeededEntropy:
    return SeededEntropy(1)


@pytest.fixture
def keyring(tmp_path: Path, key_directory: Path, clock: ManualClock, entropy: SeededEntropy) -> Iterator[Keyring]:
    keyring = Keyring(
        f"sqlite:///{tmp_path / 'keyring.db'}", load_keys(key_directory, "console").public, clock, entropy
    )
    yield keyring
    keyring.close()
