"""The walls as keys: each service is given its own key files and no others, and opens its own compartments and no more.

In one process that holds all keys the wall is code and tests. Here it is what it is between processes.
"""

import shutil
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from joserfc.jwk import KeySet

from infra.clock import ManualClock
from infra.entropy import SeededEntropy
from infra.host import Host
from infra.sealing import blind_index
from infra.sealing.compartments import COMPARTMENTS, HOLDERS, held_by
from infra.sealing.keyring import Keyring
from infra.sealing.keys import Keys, init_keys, load_keys
from infra.sealing.sealer import Sealer
from infra.sealing.wrapping import Tampered
from infra.service import Service
from infra.settings import Settings
from infra.web.tokens import Tokens
from schemas.sealed import Compartment, Sealed
from tests.installation import MONDAY, SERVICES

NAMES: Final = tuple(service.name for service in SERVICES)
SUBJECT: Final = "vic_somebody"
WORDS: Final = {"address": "12 Mill Lane"}
MEMORY: Final = timedelta(seconds=301)
"""Longer than a key in the clear is kept."""


class Apart:
    """Each service as a process of its own would have it: its own key directory and memory, and one keyring for all."""

    def __init__(self, directory: Path) -> None:
        self.clock: Final = ManualClock(MONDAY)
        self.directories: Final = {name: directory / name for name in NAMES}
        self.keys: Final[Mapping[str, Keys]] = {
            name: load_keys(place, name) for name, place in self.directories.items()
        }
        url = f"sqlite:///{directory / 'keyring.sqlite'}"
        self.keyrings: Final = {
            name: Keyring(url, keys.public, self.clock, SeededEntropy(place))
            for place, (name, keys) in enumerate(self.keys.items())
        }
        self.sealers: Final = {
            name: Sealer(name, self.keyrings[name], keys, SeededEntropy(100 + place))
            for place, (name, keys) in enumerate(self.keys.items())
        }

    def opens(self, service: str, sealed: Sealed) -> bool:
        """Whether it gets at the words: as it is written, or past that, with any key it has."""
        try:
            return WORDS["address"] == self.sealers[service].unseal(sealed)
        except PermissionError:
            return any(self._unwraps(service, compartment, sealed) for compartment in COMPARTMENTS)

    def _unwraps(self, service: str, compartment: Compartment, sealed: Sealed) -> bool:
        private = self.keys[service].private.get(compartment)
        if private is None:
            return False
        try:
            return self.keyrings[service].unwrap(sealed.key_id, private) is not None
        except Tampered:
            return False


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    directory = tmp_path_factory.mktemp("apart")
    init_keys(directory / "all")
    for name in NAMES:
        (directory / name).mkdir(mode=0o700)
        for file in (directory / "all").iterdir():
            if file.suffix in {".public", ".key"} or file.stem in held_by(name):
                shutil.copy(file, directory / name)
    shutil.rmtree(directory / "all")
    services = Apart(directory)
    yield services
    for keyring in services.keyrings.values():
        keyring.close()


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_says_of_itself_what_it_may_open(service: Service) -> None:
    assert set(held_by(service.name)) == set(service.compartments)


def test_only_services_that_there_are_may_open_anything() -> None:
    assert set() == {name for holders in HOLDERS.values() for name in holders} - set(NAMES)
    assert set(COMPARTMENTS) == HOLDERS.keys()


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_a_service_starts_with_its_own_key_files_and_no_others(
    apart: Apart, service: Service, tmp_path: Path
) -> None:
    name, directory = service.name, apart.directories[service.name]
    settings = Settings(data=tmp_path, keys=str(directory))
    tokens = Tokens("tests", settings.site, apart.clock, lambda: KeySet([]))
    async with Host([service], settings, tokens, clock=apart.clock, entropy=SeededEntropy(1)) as host:
        assert [name] == list(host.runners)

    assert set(held_by(name)) == {file.stem for file in directory.iterdir() if file.suffix == ".private"}
    assert set(held_by(name)) == apart.keys[name].private.keys() == apart.keys[name].index.keys()


@pytest.mark.parametrize("sealing", NAMES)
@pytest.mark.parametrize("compartment", COMPARTMENTS)
def test_anyone_seals_and_only_its_holders_open(apart: Apart, compartment: Compartment, sealing: str) -> None:
    """Whoever sealed it: having said something gives nobody the right to read it back."""
    sealed = apart.sealers[sealing].seal(compartment, SUBJECT, WORDS)["address"]

    assert HOLDERS[compartment] == {service for service in NAMES if apart.opens(service, sealed)}


def test_intake_seals_her_address_and_cannot_read_it_back(apart: Apart) -> None:
    sealed = apart.sealers["intake"].seal("victim", SUBJECT, WORDS)["address"]

    with pytest.raises(PermissionError):
        apart.sealers["intake"].unseal(sealed)
    assert WORDS["address"] == apart.sealers["victim_liaison"].unseal(sealed)


def test_what_intake_sealed_it_cannot_add_to_once_its_memory_has_run_out(apart: Apart) -> None:
    """The key that it made stays in its memory for a while, and comes back from nowhere."""
    before = apart.sealers["intake"].seal("victim", SUBJECT, WORDS)["address"]
    same = apart.sealers["intake"].seal("victim", SUBJECT, WORDS)["address"]
    apart.clock.advance(MEMORY)
    after = apart.sealers["intake"].seal("victim", SUBJECT, WORDS)["address"]

    assert before.key_id == same.key_id != after.key_id


@pytest.mark.parametrize(
    ("service", "compartment"),
    [("casework", "victim"), ("disruption", "victim"), ("notifications", "person"), ("victim_liaison", "notes")],
)
def test_a_service_cannot_open_what_is_not_its_own(apart: Apart, service: str, compartment: Compartment) -> None:
    holder = min(HOLDERS[compartment])
    sealed = apart.sealers[holder].seal(compartment, SUBJECT, WORDS)["address"]

    with pytest.raises(PermissionError):
        apart.sealers[service].unseal(sealed)
    assert not apart.opens(service, sealed)


@pytest.mark.parametrize("service", NAMES)
@pytest.mark.parametrize("compartment", COMPARTMENTS)
def test_only_its_holders_can_try_out_whom_an_index_knows(apart: Apart, compartment: Compartment, service: str) -> None:
    def token() -> str:
        return blind_index.tokens(apart.keys[service], compartment, {"PNC": "2011/7654321X"})["PNC"]

    if service in HOLDERS[compartment]:
        assert 64 == len(token())
    else:
        with pytest.raises(PermissionError):
            token()


def test_a_key_file_of_somebody_else_opens_nothing(apart: Apart, tmp_path: Path) -> None:
    """A private key renamed to that of another compartment is refused at the start."""
    shutil.copytree(apart.directories["victim_liaison"], tmp_path / "taken")
    shutil.copy(tmp_path / "taken" / "person.private", tmp_path / "taken" / "victim.private")

    with pytest.raises(ValueError, match="is not the public key of"):
        load_keys(tmp_path / "taken", "victim_liaison")
