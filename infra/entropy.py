"""Chance as a port: keys, nonces and salts come from here, so that a simulation with a seed repeats itself."""

import builtins
import os
import random
from typing import Protocol


class Entropy(Protocol):
    """Whatever gives bytes that nobody can foretell."""

    def bytes(self, count: int) -> builtins.bytes:
        """This many bytes."""
        ...


class SystemEntropy:
    """The operating system's source for cryptography: the only one for real keys."""

    def bytes(self, count: int) -> builtins.bytes:
        return os.urandom(count)


class SeededEntropy:
    """The same bytes for the same seed, for the simulation and for tests.

    Never for real keys: whoever knows the seed, or has seen enough of its output, foretells all the rest.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - foretold on purpose, see above

    def bytes(self, count: int) -> builtins.bytes:
        return self._random.randbytes(count)
