"""Whose list is whose: a worker reads his or her own, and that of each role held. Nobody reads another's."""

from infra.web.reader import Reader
from schemas.notifications import Owner
from services.notifications.domain.notice import Notice, Raised, lists_of


def lists_read_by(reader: Reader) -> frozenset[Owner]:
    """The lists this reader sees and answers for."""
    return lists_of(reader.id, frozenset(reader.roles))


def may_read_a_worklist(reader: Reader) -> bool:
    """Only people who work with cases are ever told anything: no agency, auditor or operator has a list."""
    return reader.has("case-manager", "coordinator", "practice-manager", "liaison-worker", "liaison-lead")


def may_acknowledge(reader: Reader, notice: Notice) -> bool:
    """Whoever has it on a list, or had it there."""
    return isinstance(notice, Raised) and bool(lists_read_by(reader) & set(notice.lists))
