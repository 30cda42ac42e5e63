"""One set of key files for the run."""

from pathlib import Path

import pytest

from infra.sealing.keys import init_keys


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("protocol") / "keys"
    init_keys(directory)
    return directory
