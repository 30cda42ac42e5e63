"""The indexes every journal has: how far it heard, what was asked and arrived, what stopped, which deadlines stand."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import bindparam, delete, insert, update

from infra.journal import tables
from infra.service import (
    EVERYTHING,
    Change,
    ReadModel,
    Recorded,
    Service,
    SetDeadline,
    sets_no_deadlines,
)
from schemas.journal import Arrived, Asked, DeadlineReached, Heard, HearingGrew, SourceStopped
from schemas.moments import written

_HEARD: Final = (
    update(tables.heard)
    .where(tables.heard.c.source == bindparam("of_source"))
    .values(number=bindparam("number"), hash=bindparam("hash"))
)
_GO_ON: Final = delete(tables.stopped).where(
    tables.stopped.c.source == bindparam("of_source"), tables.stopped.c.number <= bindparam("to")
)
_AGAIN: Final = delete(tables.stopped).where(tables.stopped.c.source == bindparam("of_source"))
_STOP: Final = insert(tables.stopped)
_ASKED: Final = insert(tables.asked)
_GROWN: Final = insert(tables.hearing)
_SHRINK: Final = delete(tables.hearing).where(
    tables.hearing.c.source == bindparam("of_source"), tables.hearing.c.kind == bindparam("of_kind")
)
_ARRIVED: Final = (
    update(tables.arrivals)
    .where(tables.arrivals.c.topic == bindparam("of_topic"))
    .values(offset=bindparam("to_offset"), digest=bindparam("to_digest"))
)
_CLEAR: Final = delete(tables.deadlines).where(
    tables.deadlines.c.stream == bindparam("of_stream"), tables.deadlines.c.name == bindparam("of_name")
)
_SET: Final = insert(tables.deadlines)


def _heard(recorded: Recorded) -> Iterator[Change]:
    event = recorded.event
    assert isinstance(event, Heard)
    yield _HEARD, {"of_source": event.source, "number": event.to, "hash": event.hash}


def _stopped(recorded: Recorded) -> Iterator[Change]:
    match recorded.event:
        case Heard(source=source, to=to) | HearingGrew(source=source, to=to):
            yield _GO_ON, {"of_source": source, "to": to}
        case SourceStopped(source=source, number=number, code=code):
            yield _AGAIN, {"of_source": source}
            yield _STOP, {"source": source, "number": number, "code": code}
        case _:
            raise AssertionError(recorded.event)


def _asked(recorded: Recorded) -> Iterator[Change]:
    event = recorded.event
    assert isinstance(event, Asked)
    yield _ASKED, {"command_id": event.command_id, "sequence": recorded.sequence}


def _hearing(recorded: Recorded) -> Iterator[Change]:
    event = recorded.event
    assert isinstance(event, HearingGrew)
    for kind in event.kinds:
        yield _SHRINK, {"of_source": event.source, "of_kind": kind}
        yield _GROWN, {"source": event.source, "kind": kind, "number": event.to}


def _arrived(recorded: Recorded) -> Iterator[Change]:
    event = recorded.event
    assert isinstance(event, Arrived)
    yield _ARRIVED, {"of_topic": event.topic, "to_offset": event.offset, "to_digest": event.digest}


def _deadlines_of(service: Service) -> ReadModel:
    def project(recorded: Recorded) -> Iterator[Change]:
        event = recorded.event
        if isinstance(event, DeadlineReached):
            yield _CLEAR, {"of_stream": event.stream, "of_name": event.name}
            return
        for change in service.deadlines(recorded.stream, event):
            yield _CLEAR, {"of_stream": recorded.stream, "of_name": change.name}
            if isinstance(change, SetDeadline):
                due_at = written(change.due_at)
                yield (
                    _SET,
                    {
                        "stream": recorded.stream,
                        "name": change.name,
                        "due_at": due_at,
                        "set_by": recorded.record.id,
                    },
                )

    return ReadModel(name="deadlines", version=1, tables=(tables.deadlines,), reads=EVERYTHING, project=project)


HEARD: Final = ReadModel(name="heard", version=1, tables=(tables.heard,), reads=(Heard,), project=_heard)
STOPPED: Final = ReadModel(
    name="stopped", version=2, tables=(tables.stopped,), reads=(Heard, HearingGrew, SourceStopped), project=_stopped
)
ASKED: Final = ReadModel(name="asked", version=1, tables=(tables.asked,), reads=(Asked,), project=_asked)
HEARING: Final = ReadModel(name="hearing", version=1, tables=(tables.hearing,), reads=(HearingGrew,), project=_hearing)

ARRIVALS: Final = ReadModel(name="arrivals", version=1, tables=(tables.arrivals,), reads=(Arrived,), project=_arrived)


def own_indexes(service: Service) -> tuple[ReadModel, ...]:
    """The indexes of this service's journal, its read models apart."""
    clocks = () if service.deadlines is sets_no_deadlines else (_deadlines_of(service),)
    inbox = () if service.inbox is None else (ARRIVALS,)
    return (HEARD, STOPPED, ASKED, HEARING, *clocks, *inbox)
