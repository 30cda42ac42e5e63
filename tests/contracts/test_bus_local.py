"""The local bus keeps the contract, and says that a source is out of reach when its database is."""

from collections.abc import Callable

import pytest

from infra.bus.local import LocalBus
from infra.bus.port import UnreachableError
from infra.journal.journal import Journal
from infra.journal.place import Place
from tests.contracts.bus_contract import BusContract
from tests.kernel.parish.journals import book, without


class TestLocalBus(BusContract):
    """Each service's messages are read from its own database."""

    @pytest.fixture
    def bus(self) -> LocalBus:
        return LocalBus()

    @pytest.fixture
    def joined(self, bus: LocalBus) -> Callable[[Journal], None]:
        return bus.join

    def test_who_has_left_cannot_be_reached(self, bus: LocalBus, source: Journal) -> None:
        book(source, "nave")
        bus.leave("parish")
        bus.leave("parish")
        with pytest.raises(UnreachableError):
            bus.tail("parish", Place(), 500)
        with pytest.raises(UnreachableError):
            bus.head("parish")

    def test_a_source_whose_database_fails_cannot_be_reached(self, bus: LocalBus, source: Journal) -> None:
        with without(source, "head"), pytest.raises(UnreachableError):
            bus.head("parish")
        with without(source, "journal"), pytest.raises(UnreachableError):
            bus.tail("parish", Place(), 500)

        assert 0 == bus.head("parish").number
