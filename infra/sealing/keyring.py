"""The keyring: each subject's data keys, wrapped, and the tokens that find a subject. Erasing is destroying these.

Its functions are synchronous and safe for threads. What it wrote is on disk before anything sealed by it is returned.
"""

from base64 import b32encode
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Delete, Insert, bindparam, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from infra.clock import Clock
from infra.entropy import Entropy
from infra.sealing.memory import ShortMemory
from infra.sealing.store import DATA_KEYS, TOKENS, Store
from infra.sealing.wrapping import DATA_KEY_BYTES, PrivateKey, PublicKey, unwrap, wrap
from schemas.sealed import Compartment

_KEY_ID_BYTES: Final = 16
"""128 bits of chance: no two keys are ever given one id, whoever makes them."""

_KEEP_KEY: Final = insert(DATA_KEYS)
_READ_KEY: Final = select(DATA_KEYS).where(DATA_KEYS.c.key_id == bindparam("key_id"))
_KEEP_TOKEN: Final[Mapping[str, Insert]] = {
    "sqlite": sqlite.insert(TOKENS).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(TOKENS).on_conflict_do_nothing(),
}
_FIND: Final = select(TOKENS.c.subject).where(
    TOKENS.c.compartment == bindparam("compartment"), TOKENS.c.token.in_(bindparam("tokens", expanding=True))
)
_ERASE: Final[tuple[Delete, ...]] = tuple(
    delete(table).where(table.c.subject == bindparam("erased")) for table in (DATA_KEYS, TOKENS)
)


class Keyring:
    """Where sealers get their keys. Keys in the clear stay in memory for `cache_seconds` at most, by the clock."""

    def __init__(
        self,
        url: str,
        public: Mapping[Compartment, PublicKey],
        clock: Clock,
        entropy: Entropy,
        *,
        cache_seconds: float = 300.0,
    ) -> None:
        self._store = Store(url)
        self._public = public
        self._clock = clock
        self._entropy = entropy
        lifetime = timedelta(seconds=cache_seconds)
        self._sealing: ShortMemory[tuple[Compartment, str, str], tuple[str, bytes]] = ShortMemory(clock, lifetime)
        # By private key as well as by id: having unwrapped a key for one service gives it to no other.
        self._opening: ShortMemory[tuple[str, PrivateKey], bytes] = ShortMemory(clock, lifetime)

    def data_key(self, compartment: Compartment, subject: str, service: str) -> tuple[str, bytes]:
        """The id and the 32 bytes of a key for this service to seal with.

        A service cannot unwrap what it sealed to a compartment it does not hold, so when its memory has run out it
        makes another key. Threads that come at once may each make one; all are kept and all open.
        """
        place = (compartment, subject, service)
        forgotten = self._sealing.forgotten
        known = self._sealing.recall(place)
        if known is not None:
            return known
        key_id = "key_" + b32encode(self._entropy.bytes(_KEY_ID_BYTES)).decode().rstrip("=").lower()
        key = self._entropy.bytes(DATA_KEY_BYTES)
        row = {
            "key_id": key_id,
            "compartment": compartment,
            "subject": subject,
            "sealed_by": service,
            "wrapped": wrap(key, self._public[compartment], compartment, subject, key_id),
            "created_at": self._clock.now().isoformat(timespec="microseconds").replace("+00:00", "Z"),
        }
        with self._store.write() as connection:
            connection.execute(_KEEP_KEY, row)
        self._sealing.keep(place, subject, (key_id, key), forgotten)
        return key_id, key

    def unwrap(self, key_id: str, private_key: PrivateKey) -> bytes | None:
        """The data key of that id, or None if it was erased. Raises Tampered if this private key is not the one."""
        place = (key_id, private_key)
        forgotten = self._opening.forgotten
        known = self._opening.recall(place)
        if known is not None:
            return known
        with self._store.read() as connection:
            row = connection.execute(_READ_KEY, {"key_id": key_id}).one_or_none()
        if row is None:
            return None
        key = unwrap(row.wrapped, private_key, row.compartment, row.subject, key_id)
        self._opening.keep(place, row.subject, key, forgotten)
        return key

    def erase(self, subject: str) -> int:
        """Destroy this subject's keys and tokens in all compartments: the number of rows, 0 when said again.

        Other processes must be told to `forget`, or they remember until their time runs out. Raises StillInLog.
        """
        with self._store.write() as connection:
            count = sum(connection.execute(statement, {"erased": subject}).rowcount for statement in _ERASE)
        self.forget(subject)
        self._store.scrub()
        return count

    def forget(self, subject: str) -> None:
        """Drop this subject's keys from memory: for a process that hears that another has erased them."""
        self._sealing.forget(subject)
        self._opening.forget(subject)

    def remember_tokens(self, compartment: Compartment, subject: str, tokens: Sequence[str]) -> None:
        """Let these tokens find this subject from now on; those that do already are left as they are."""
        # In one order, always: on PostgreSQL two transactions with the same tokens would else wait for each other.
        rows = [{"compartment": compartment, "token": token, "subject": subject} for token in sorted(set(tokens))]
        if rows:
            with self._store.write() as connection:
                connection.execute(_KEEP_TOKEN[self._store.dialect], rows)

    def find(self, compartment: Compartment, tokens: Sequence[str]) -> set[str]:
        """The subjects that any of these tokens stands for."""
        if not tokens:
            return set()
        with self._store.read() as connection:
            return set(connection.execute(_FIND, {"compartment": compartment, "tokens": list(tokens)}).scalars())

    def close(self) -> None:
        """Forget every key and let go of the database."""
        self._sealing.clear()
        self._opening.clear()
        self._store.close()
