"""The tables of victim_liaison: references and codes alone. No row depends on another table: each is rebuilt alone."""

from typing import Final

from sqlalchemy import Boolean, Column, Integer, MetaData, Table, Text

from infra.journal.tables import Counter

CASE_MANAGER: Final = "case-manager"
SUBSTITUTE: Final = "substitute"
NO_VICTIM: Final = ""
"""The victim of a question that is asked where none is known: part of a key, so not NULL."""

metadata: Final = MetaData()

victims: Final = Table(
    "victims",
    metadata,
    Column("sequence", Counter, primary_key=True, autoincrement=False),
    Column("victim", Text, nullable=False, unique=True),
    Column("person", Text, nullable=False, index=True),
    Column("worker", Text, index=True),
    Column("standing", Text),
    Column("known_at", Text, nullable=False),
)
named: Final = Table(
    "named",
    metadata,
    Column("person", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("worker", Text, nullable=False),
    Column("named_at", Text, nullable=False),
)
"""One worker a person and role: the case manager, who is kept out, and the substitute."""
actions: Final = Table(
    "actions",
    metadata,
    Column("action", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("tactic", Text, nullable=False),
    Column("attribution", Text, nullable=False),
)
consultations: Final = Table(
    "consultations",
    metadata,
    Column("action", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("suspended_at", Text),
    Column("is_closed", Boolean, nullable=False),
)
questions: Final = Table(
    "questions",
    metadata,
    Column("action", Text, primary_key=True),
    Column("victim", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("worker", Text, index=True),
    Column("asked_at", Text, nullable=False),
    Column("due_at", Text, nullable=False),
    Column("is_escalated", Boolean, nullable=False),
    Column("answered_at", Text),
    Column("verdict", Text),
    Column("conditions", Text, nullable=False),
    Column("met", Text, nullable=False),
)
"""`conditions` and `met` are codes with spaces between them."""
timeline: Final = Table(
    "timeline",
    metadata,
    Column("sequence", Counter, primary_key=True, autoincrement=False),
    Column("victim", Text, primary_key=True),
    Column("what", Text, nullable=False),
    Column("happened_at", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("detail", Text),
)
