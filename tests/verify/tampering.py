"""What somebody with access to a database can do to a journal, past everything that writes it."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, text

from infra.journal.chain import NOTHING
from infra.journal.journal import Journal


def do(journal: Journal, *statements: str, **given: Any) -> None:
    """Carry out statements as they stand, in one transaction."""
    with journal.database.writing() as connection:
        for statement in statements:
            connection.execute(text(statement), given)


def rewrite(journal: Journal, sequence: int, change: Callable[[bytes], bytes]) -> None:
    """Change the bytes of one record, and nothing else."""
    with journal.database.writing() as connection:
        at = {"sequence": sequence}
        raw = connection.execute(text("SELECT record FROM journal WHERE sequence = :sequence"), at).scalar_one()
        changed = change(raw)
        assert changed != raw
        connection.execute(text("UPDATE journal SET record = :raw WHERE sequence = :sequence"), {"raw": changed, **at})


def chain_anew(journal: Journal) -> None:
    """Make both chains and the head fit the records that are there, as somebody would who knows how it is done."""
    with journal.database.writing() as connection:
        before, message_before = NOTHING, NOTHING
        rows = connection.execute(text("SELECT sequence, record, number FROM journal ORDER BY sequence")).all()
        for sequence, raw, number in rows:
            digest = sha256(raw).digest()
            before = sha256(before + digest).digest()
            message_before = sha256(message_before + digest).digest() if number else message_before
            _set_hashes(connection, sequence, before, message_before if number else None)
        last = max((number for _, _, number in rows if number), default=0)
        connection.execute(
            text("UPDATE head SET sequence = :sequence, hash = :hash, number = :number, message_hash = :message_hash"),
            {"sequence": rows[-1].sequence, "hash": before, "number": last, "message_hash": message_before},
        )


def _set_hashes(connection: Connection, sequence: int, hash: bytes, message_hash: bytes | None) -> None:
    connection.execute(
        text("UPDATE journal SET hash = :hash, message_hash = :message_hash WHERE sequence = :sequence"),
        {"hash": hash, "message_hash": message_hash, "sequence": sequence},
    )
