"""What a bus must do, whatever carries it: give what was said after what was heard, or say that it cannot.

An heir gives the fixtures `bus` and `joined`: the bus, and a way to have a journal heard on it. A bus that copies may
need a moment: heirs bring it up to date in `settled`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infra.bus.port import Bus, Forked, UnreachableError
from infra.journal.chain import NOTHING, link
from infra.journal.database import sqlite_url
from infra.journal.journal import Journal
from infra.journal.place import Place
from schemas.journal import SourceStopped
from tests.kernel.parish import sweeping
from tests.kernel.parish.events import FloorWaxed, HallSwept
from tests.kernel.parish.hall import LendKey
from tests.kernel.parish.journals import NOW, SITE, book, cause, entries, opened, say
from tests.kernel.parish.services import ITSELF, SEXTON

ELSEWHERE = b"\x01" * 32


class BusContract:
    """Rules 9, 10 and 12 as far as the bus keeps them."""

    @pytest.fixture
    def site(self) -> str:
        return SITE

    @pytest.fixture
    def source(self, tmp_path: Path, site: str, joined: Callable[[Journal], None]) -> Iterator[Journal]:
        journal = opened(sqlite_url(tmp_path / "parish.sqlite"), site=site)
        joined(journal)
        yield journal
        journal.database.close()

    @pytest.fixture
    def sexton(self, tmp_path: Path, site: str, joined: Callable[[Journal], None]) -> Iterator[Journal]:
        journal = opened(sqlite_url(tmp_path / "sexton.sqlite"), replace(SEXTON, hears=HEARS), site=site)
        joined(journal)
        yield journal
        journal.database.close()

    @pytest.fixture
    def settled(self) -> Callable[[], None]:
        return lambda: None

    def test_nothing_was_said_yet(self, bus: Bus, source: Journal) -> None:
        assert [] == bus.tail(source.service.name, Place(), 500)
        assert (0, NOTHING) == (bus.head("parish").number, bus.head("parish").hash)

    def test_the_stored_bytes_come_from_the_first_on(
        self, bus: Bus, source: Journal, settled: Callable[[], None]
    ) -> None:
        book(source, "nave", "aisle", "tower")
        say(source, LendKey(hall="nave", keeper="wrk_bo", due_at="2026-03-02T12:00:00+00:00"), "private")
        settled()
        heard = bus.tail("parish", Place(), 500)

        assert [(entry.number, entry.message_hash, entry.raw) for entry in entries(source) if entry.number] == [
            (sent.number, sent.hash, sent.raw) for sent in heard
        ]
        assert [1, 2, 3] == [sent.number for sent in heard]
        assert heard[2].hash == link(link(link(NOTHING, heard[0].raw), heard[1].raw), heard[2].raw)

    def test_they_go_on_after_a_place(self, bus: Bus, source: Journal, settled: Callable[[], None]) -> None:
        book(source, "nave", "aisle", "tower")
        settled()
        first, second, third = bus.tail("parish", Place(), 500)

        assert [second, third] == bus.tail("parish", Place(1, first.hash), 500)
        assert [] == bus.tail("parish", Place(3, third.hash), 500)

    def test_there_are_at_most_as_many_as_are_asked_for(
        self, bus: Bus, source: Journal, settled: Callable[[], None]
    ) -> None:
        book(source, "nave", "aisle", "tower")
        settled()
        first, second, third = bus.tail("parish", Place(), 3)

        assert [first, second] == bus.tail("parish", Place(), 2)
        assert [third] == bus.tail("parish", Place(2, second.hash), 1)

    def test_after_another_message_than_is_held_it_is_forked(
        self, bus: Bus, source: Journal, settled: Callable[[], None]
    ) -> None:
        book(source, "nave", "aisle")
        settled()
        with pytest.raises(Forked):
            bus.tail("parish", Place(1, ELSEWHERE), 500)

    def test_a_source_behind_what_was_heard_is_forked(
        self, bus: Bus, source: Journal, settled: Callable[[], None]
    ) -> None:
        book(source, "nave", "aisle")
        settled()
        with pytest.raises(Forked):
            bus.tail("parish", Place(3, ELSEWHERE), 500)

    def test_a_source_that_was_emptied_is_forked(self, bus: Bus, source: Journal) -> None:
        assert 0 == source.head().number
        with pytest.raises(Forked):
            bus.tail("parish", Place(1, ELSEWHERE), 500)

    def test_a_source_ahead_with_another_history_is_forked(
        self, bus: Bus, source: Journal, settled: Callable[[], None]
    ) -> None:
        book(source, "nave", "aisle", "tower")
        settled()
        second = bus.tail("parish", Place(), 500)[1]
        with pytest.raises(Forked):
            bus.tail("parish", Place(1, second.hash), 500)

    def test_from_the_start_a_hash_must_be_that_of_nothing(self, bus: Bus, source: Journal) -> None:
        assert 0 == source.head().number
        with pytest.raises(Forked):
            bus.tail("parish", Place(0, ELSEWHERE), 500)

    def test_who_is_not_there_cannot_be_reached(self, bus: Bus) -> None:
        with pytest.raises(UnreachableError):
            bus.tail("nobody", Place(), 500)
        with pytest.raises(UnreachableError):
            bus.head("nobody")

    def test_the_head_is_that_of_the_messages(self, bus: Bus, source: Journal, settled: Callable[[], None]) -> None:
        book(source, "nave", "aisle")
        settled()
        last = bus.tail("parish", Place(), 500)[-1]
        head = bus.head("parish")

        assert (2, last.hash, (), True) == (head.number, head.hash, head.stopped, head.is_settled)

    def test_the_head_says_what_the_source_has_stopped_hearing(
        self, bus: Bus, source: Journal, sexton: Journal
    ) -> None:
        assert 0 == source.head().number
        with sexton.transaction(NOW) as transaction:
            stopped = SourceStopped(source="parish", number=1, code="forked")
            transaction.record("heard-parish", stopped, cause("stop"))

        assert ("parish",) == bus.head("sexton").stopped

    def test_a_source_that_has_not_heard_all_is_not_settled(
        self, bus: Bus, source: Journal, sexton: Journal, settled: Callable[[], None]
    ) -> None:
        before = bus.head("sexton").is_settled
        book(source, "nave")
        settled()
        after = bus.head("sexton").is_settled
        (sent,) = bus.tail("parish", Place(), 500)
        with sexton.transaction(NOW) as transaction:
            transaction.move_place("parish", Place(1, sent.hash), 1)
            transaction.remember_heard("parish", 0, cause("hear"))

        assert [True, False, True] == [before, after, bus.head("sexton").is_settled]

    def test_a_source_that_has_not_heard_itself_is_not_settled(
        self, bus: Bus, source: Journal, sexton: Journal
    ) -> None:
        assert 0 == source.head().number
        with sexton.transaction(NOW) as transaction:
            transaction.append(sweeping, "nave", [HallSwept(hall="nave")], cause("sweep"))

        assert not bus.head("sexton").is_settled

    def test_a_source_is_not_settled_while_what_it_hears_is_about_to_say_more(
        self, bus: Bus, sexton: Journal, source: Journal, joined: Callable[[Journal], None], tmp_path: Path, site: str
    ) -> None:
        """What follows from the sexton's own facts is no message yet, though he has heard the whole parish."""
        vicar = opened(sqlite_url(tmp_path / "vicar.sqlite"), VICAR, site=site)
        joined(vicar)
        before = bus.head("vicar").is_settled
        with sexton.transaction(NOW) as transaction:
            transaction.append(sweeping, "nave", [HallSwept(hall="nave")], cause("sweep"))
        after = bus.head("vicar").is_settled
        vicar.database.close()

        assert 0 == sexton.head().number == source.head().number
        assert [True, False] == [before, after]

    def test_a_source_whose_own_source_is_away_is_not_settled(self, bus: Bus, sexton: Journal) -> None:
        assert not bus.head(sexton.service.name).is_settled

    def test_who_listens_is_woken_for_its_source_alone(self, bus: Bus) -> None:
        woken: list[str] = []
        bus.on_wake("parish", lambda: woken.append("first"))
        bus.on_wake("parish", lambda: woken.append("second"))
        bus.on_wake("sexton", lambda: woken.append("other"))
        bus.wake("parish")
        bus.wake("nobody")

        assert ["first", "second"] == woken


HEARS = {**SEXTON.hears, "sexton": ITSELF}
VICAR = replace(SEXTON, name="vicar", hears={"sexton": (FloorWaxed,)})
