"""Jobs for a writer: one that holds it up, one that books, and one that goes wrong."""

from collections.abc import Callable
from threading import Event

from infra.command_handler import Order, ask
from infra.journal.transaction import Transaction
from tests.kernel.parish import hall
from tests.kernel.parish.hall import BookHall
from tests.kernel.parish.journals import cause
from tests.kernel.parish.running import WITHIN_SECONDS

Work = Callable[[Transaction], object]


class Gate:
    """A job that holds the writer until it is let go: what is submitted meanwhile waits."""

    def __init__(self) -> None:
        self.began, self.go_on = Event(), Event()

    def __call__(self, _transaction: Transaction) -> None:
        self.began.set()

        assert self.go_on.wait(WITHIN_SECONDS)


def booking(name: str) -> Work:
    command = BookHall(hall=name, person="per-a")
    return lambda transaction: ask(transaction, Order(decider=hall, id=name, command=command, cause=cause(name)))


def raising(transaction: Transaction) -> None:
    booking("ruin")(transaction)
    raise ZeroDivisionError
