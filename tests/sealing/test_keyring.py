"""What the keyring promises, on SQLite and on PostgreSQL alike."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from infra.clock import ManualClock
from infra.entropy import SystemEntropy
from infra.sealing.keyring import Keyring
from infra.sealing.keys import Keys, load_keys
from infra.sealing.store import StillInLog, Store
from infra.sealing.wrapping import Tampered
from tests.postgres import postgres_url

DANIEL, LEANNE = "per_daniel", "vic_leanne"
PHONE, NAME = "a" * 64, "b" * 64
LIFETIME = timedelta(seconds=300)

Open = Callable[[], Keyring]


@pytest.fixture
def casework(key_directory: Path) -> Keys:
    return load_keys(key_directory, "casework")


@pytest.fixture
def liaison(key_directory: Path) -> Keys:
    return load_keys(key_directory, "victim_liaison")


class KeyringContract:
    """Inherited by one class for each database, which gives the `url` of an empty one."""

    @pytest.fixture
    def start(self, url: str, casework: Keys, clock: ManualClock) -> Iterator[Open]:
        """Starts another process's keyring on the same database: nothing in memory, everything on disk."""
        started: list[Keyring] = []

        def start() -> Keyring:
            started.append(Keyring(url, casework.public, clock, SystemEntropy()))
            return started[-1]

        yield start
        for keyring in started:
            keyring.close()

    @pytest.fixture
    def look(self, url: str) -> Iterator[Callable[[str], list[Any]]]:
        engine: Engine = create_engine(url)

        def look(query: str) -> list[Any]:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(query))]

        yield look
        engine.dispose()

    def test_a_data_key_opens_for_whoever_holds_the_compartment(self, start: Open, casework: Keys) -> None:
        key_id, key = start().data_key("person", DANIEL, "intake")

        assert key == start().unwrap(key_id, casework.private["person"])
        assert 32 == len(key)

    def test_another_compartments_private_key_does_not_unwrap(self, start: Open, casework: Keys) -> None:
        keyring = start()
        key_id, _ = keyring.data_key("victim", LEANNE, "intake")
        with pytest.raises(Tampered):
            keyring.unwrap(key_id, casework.private["person"])

    def test_having_unwrapped_a_key_for_one_holder_gives_it_to_no_other(
        self, start: Open, casework: Keys, liaison: Keys
    ) -> None:
        keyring = start()
        key_id, key = keyring.data_key("victim", LEANNE, "intake")

        assert key == keyring.unwrap(key_id, liaison.private["victim"])
        with pytest.raises(Tampered):
            keyring.unwrap(key_id, casework.private["person"])

    def test_an_unknown_key_is_none(self, start: Open, casework: Keys) -> None:
        assert start().unwrap("key_nobody_made", casework.private["person"]) is None

    def test_a_service_seals_a_subject_under_one_key_while_it_remembers(self, start: Open, clock: ManualClock) -> None:
        keyring = start()
        first = keyring.data_key("person", DANIEL, "intake")
        clock.advance(LIFETIME - timedelta(seconds=1))

        assert first == keyring.data_key("person", DANIEL, "intake")

        clock.advance(timedelta(seconds=1))

        assert first != keyring.data_key("person", DANIEL, "intake")

    def test_each_service_compartment_and_subject_has_a_key_of_its_own(self, start: Open) -> None:
        keyring = start()
        keys = {
            keyring.data_key("person", DANIEL, "intake"),
            keyring.data_key("person", DANIEL, "casework"),
            keyring.data_key("notes", DANIEL, "casework"),
            keyring.data_key("person", "per_other", "intake"),
        }

        assert 4 == len(keys)

    def test_a_row_says_whose_it_is_who_made_it_and_when(self, start: Open, look: Callable[[str], list[Any]]) -> None:
        key_id, _ = start().data_key("person", DANIEL, "intake")

        assert [(key_id, "person", DANIEL, "intake", "2025-03-03T09:00:00.000000Z")] == look(
            "SELECT key_id, compartment, subject, sealed_by, created_at FROM data_keys"
        )

    def test_no_key_stands_in_the_keyring_in_the_clear(self, start: Open, look: Callable[[str], list[Any]]) -> None:
        _, key = start().data_key("person", DANIEL, "intake")
        [(wrapped,)] = look("SELECT wrapped FROM data_keys")

        assert key not in bytes(wrapped)

    def test_a_wrapped_key_moved_to_another_subject_does_not_open(self, url: str, start: Open, casework: Keys) -> None:
        key_id, _ = start().data_key("person", DANIEL, "intake")
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE data_keys SET subject = 'per_other'"))
        engine.dispose()
        with pytest.raises(Tampered):
            start().unwrap(key_id, casework.private["person"])

    def test_an_erased_subject_has_no_keys_and_no_tokens_in_any_compartment(
        self, start: Open, liaison: Keys, casework: Keys
    ) -> None:
        keyring = start()
        person, _ = keyring.data_key("person", DANIEL, "intake")
        staff, _ = keyring.data_key("staff", DANIEL, "intake")
        other, other_key = keyring.data_key("person", "per_other", "intake")
        keyring.remember_tokens("person", DANIEL, [PHONE, NAME])
        keyring.remember_tokens("person", "per_other", [PHONE])
        keyring.unwrap(person, casework.private["person"])

        assert 4 == keyring.erase(DANIEL)
        for fresh_or_not in (keyring, start()):
            assert fresh_or_not.unwrap(person, casework.private["person"]) is None
            assert fresh_or_not.unwrap(staff, liaison.private["staff"]) is None
            assert other_key == fresh_or_not.unwrap(other, casework.private["person"])
            assert {"per_other"} == fresh_or_not.find("person", [PHONE, NAME])

    def test_erasing_twice_erases_nothing_more(self, start: Open) -> None:
        keyring = start()
        keyring.data_key("person", DANIEL, "intake")

        assert 1 == keyring.erase(DANIEL)
        assert 0 == keyring.erase(DANIEL)

    def test_what_is_sealed_after_an_erasure_has_a_new_key_that_opens(self, start: Open, casework: Keys) -> None:
        keyring = start()
        erased = keyring.data_key("person", DANIEL, "intake")
        keyring.erase(DANIEL)
        key_id, key = keyring.data_key("person", DANIEL, "intake")

        assert erased != (key_id, key)
        assert key == start().unwrap(key_id, casework.private["person"])

    def test_another_process_forgets_when_it_is_told(self, start: Open, casework: Keys) -> None:
        here, there = start(), start()
        sealed_by, key = here.data_key("person", DANIEL, "intake")
        here.unwrap(sealed_by, casework.private["person"])
        there.erase(DANIEL)

        assert key == here.unwrap(sealed_by, casework.private["person"])

        here.forget(DANIEL)

        assert here.unwrap(sealed_by, casework.private["person"]) is None
        assert sealed_by != here.data_key("person", DANIEL, "intake")[0]

    def test_an_unwrapped_key_is_remembered_for_the_set_time_only(
        self, start: Open, casework: Keys, clock: ManualClock
    ) -> None:
        here = start()
        key_id, _ = here.data_key("person", DANIEL, "intake")
        here.unwrap(key_id, casework.private["person"])
        start().erase(DANIEL)
        clock.advance(LIFETIME)

        assert here.unwrap(key_id, casework.private["person"]) is None

    def test_tokens_find_every_subject_they_stand_for(self, start: Open) -> None:
        keyring = start()
        keyring.remember_tokens("person", DANIEL, [PHONE, NAME])
        keyring.remember_tokens("person", "per_other", [NAME])

        assert {DANIEL} == start().find("person", [PHONE])
        assert {DANIEL, "per_other"} == keyring.find("person", [NAME])
        assert set() == keyring.find("person", ["c" * 64])
        assert set() == keyring.find("person", [])

    def test_a_token_finds_nobody_in_another_compartment(self, start: Open) -> None:
        keyring = start()
        keyring.remember_tokens("victim", LEANNE, [PHONE])

        assert set() == keyring.find("person", [PHONE])

    def test_tokens_remembered_twice_are_remembered_once(self, start: Open, look: Callable[[str], list[Any]]) -> None:
        keyring = start()
        keyring.remember_tokens("person", DANIEL, [PHONE, PHONE])
        keyring.remember_tokens("person", DANIEL, [PHONE, NAME])
        keyring.remember_tokens("person", DANIEL, [])

        assert [(2,)] == look("SELECT count(*) FROM tokens")

    def test_threads_that_seal_a_subject_for_the_first_time_lose_nothing(self, start: Open, casework: Keys) -> None:
        keyring, together = start(), Barrier(8)

        def seal(_: int) -> tuple[str, bytes]:
            together.wait()
            return keyring.data_key("person", DANIEL, "intake")

        with ThreadPoolExecutor(8) as threads:
            made = list(threads.map(seal, range(8)))
        elsewhere = start()

        assert [key for _, key in made] == [elsewhere.unwrap(key_id, casework.private["person"]) for key_id, _ in made]
        assert keyring.data_key("person", DANIEL, "intake") in made

    def test_sealing_erasing_and_finding_at_once_ends_with_keys_that_open(self, start: Open, casework: Keys) -> None:
        keyring = start()

        def work(step: int) -> None:
            keyring.remember_tokens("person", DANIEL, [NAME, PHONE] if step % 2 else [PHONE, NAME])
            keyring.find("person", [PHONE])
            if step % 5 == 0:
                keyring.erase(DANIEL)
            keyring.data_key("person", DANIEL, "intake")

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(work, range(80)))
        key_id, key = keyring.data_key("person", DANIEL, "intake")

        assert key == start().unwrap(key_id, casework.private["person"])

    def test_processes_that_start_together_agree_on_the_tables(self, start: Open) -> None:
        together = Barrier(4)

        def begin(_: int) -> set[str]:
            together.wait()
            return start().find("person", [PHONE])

        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(begin, range(4)))

        assert [set(), set(), set(), set()] == found


class TestKeyringOnSqlite(KeyringContract):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'keyring.db'}"

    def test_nothing_of_an_erased_key_or_token_is_left_in_the_files(
        self, tmp_path: Path, start: Open, look: Callable[[str], list[Any]]
    ) -> None:
        keyring = start()
        keyring.data_key("person", DANIEL, "intake")
        keyring.remember_tokens("person", DANIEL, [PHONE])
        keyring.remember_tokens("person", "per_other", [NAME])
        [(wrapped,)] = look("SELECT wrapped FROM data_keys")
        keyring.erase(DANIEL)
        left = b"".join(file.read_bytes() for file in tmp_path.iterdir())

        assert wrapped[-40:] not in left
        assert DANIEL.encode() not in left
        assert PHONE.encode() not in left
        assert NAME.encode() in left

    def test_an_erasure_that_a_reader_keeps_in_the_log_says_so_and_can_be_said_again(self, url: str) -> None:
        with closing(Store(url, lock_wait_seconds=0.05)) as store:
            with store.read() as reader:
                reader.execute(text("SELECT count(*) FROM data_keys")).all()
                with store.write() as writer:
                    writer.execute(text("DELETE FROM data_keys"))
                    writer.execute(text("INSERT INTO tokens VALUES ('person', 'token', 'per_other')"))
                with pytest.raises(StillInLog):
                    store.scrub()
            store.scrub()


class TestKeyringOnPostgres(KeyringContract):
    @pytest.fixture
    def url(self) -> Iterator[str]:
        with postgres_url() as url:
            yield url
