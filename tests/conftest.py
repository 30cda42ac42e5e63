"""How strict every run of the tests is. No domain objects stand here, and nobody imports from here."""

import os
import socket
from collections.abc import Iterator
from ipaddress import ip_address

import hypothesis
import pytest

from infra.entropy import SystemEntropy

# A slow machine is no failure; what was found can be repeated from what was printed; CI finds the same each time.
hypothesis.settings.register_profile("cordon", deadline=None, print_blob=True, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("cordon")

SEED = "CORDON_SEED"


def pytest_configure() -> None:
    """One seed for the run, drawn before others are started to share in it, who inherit it."""
    os.environ.setdefault(SEED, str(int.from_bytes(SystemEntropy().bytes(4), "big")))


def pytest_report_header() -> str:
    """Printed, whatever becomes of the run."""
    return f"{SEED}={os.environ[SEED]}: what is drawn by chance is drawn from it, and drawn again if it is set"


_connect = socket.socket.connect


def _connect_on_this_machine(self: socket.socket, address: object) -> None:
    """As `socket.connect`. Raises RuntimeError for an address elsewhere, which nobody retries or swallows."""
    if isinstance(address, tuple) and not _is_here(str(address[0])):
        raise RuntimeError(f"a test reaches nothing but its own machine, not {address[0]}")
    _connect(self, address)  # type: ignore[arg-type]  # the same looseness as in the standard library's own stub


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(scope="session", autouse=True)
def _this_machine_alone() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _connect_on_this_machine)
        yield
