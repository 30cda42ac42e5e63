"""CloudEvents as agencies send them: the three modes, and every way of sending them wrong."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given as any_of
from hypothesis import settings
from hypothesis import strategies as st

from infra.web.strict import NESTING_MAX
from schemas.rejection import Rejected
from services.intake.cloudevents import (
    BATCH,
    BATCH_MAX,
    EVENT_BYTES_MAX,
    PLAIN,
    STRUCTURED,
    CloudEvent,
    Sent,
    delivery,
    moment_of,
    read,
    whose,
)
from tests.domain.intake_examples import NOW, SOURCE, as_json, breach, event

READ = CloudEvent(
    source=SOURCE, id="one", kind="prison.order-breached.v1", time=datetime(2026, 3, 2, 9, tzinfo=UTC), data=breach()
)
HEADERS = {
    "content-type": "application/json",
    "ce-specversion": "1.0",
    "ce-id": "one",
    "ce-source": SOURCE,
    "ce-type": "prison.order-breached.v1",
    "ce-time": "2026-03-02T09:00:00Z",
}


def only(headers: dict[str, str], body: bytes) -> Sent:
    (sent,) = delivery(headers, body).events
    return sent


def refusal_of(sent: Sent) -> tuple[str, str]:
    with pytest.raises(Rejected) as refusal:
        read(sent, NOW)
    return refusal.value.code, refusal.value.pointer


@pytest.mark.parametrize(
    "media_type", [STRUCTURED, PLAIN, "application/cloudevents+json; charset=UTF-8", "Application/JSON"]
)
def test_a_structured_event_is_read(media_type: str) -> None:
    sent = only({"content-type": media_type}, as_json(event()))

    assert READ == read(sent, NOW)


def test_a_binary_event_is_the_same_event() -> None:
    sent = only(HEADERS, as_json(breach()))

    assert READ == read(sent, NOW)


def test_what_is_kept_of_a_binary_event_has_its_headers() -> None:
    sent = only(HEADERS, as_json(breach()))

    assert "ce-id: one" in sent.text.splitlines()
    assert as_json(breach()).decode() == sent.text.splitlines()[-1]


def test_header_values_are_percent_decoded() -> None:
    sent = only(HEADERS | {"ce-id": "a%2Fb"}, as_json(breach()))

    assert "a/b" == read(sent, NOW).id


def test_a_batch_is_one_event_each_in_their_order() -> None:
    sent = delivery({"content-type": BATCH}, as_json([event(id="a"), event(id="b")]))

    assert sent.is_batch
    assert ["a", "b"] == [read(one, NOW).id for one in sent.events]


def test_one_wrong_event_of_a_batch_leaves_the_others_readable() -> None:
    sent = delivery({"content-type": BATCH}, as_json([7, event()]))

    assert ("field-wrong", "") == refusal_of(sent.events[0])
    assert READ == read(sent.events[1], NOW)


def test_an_empty_batch_brings_nothing() -> None:
    assert () == delivery({"content-type": BATCH}, b"[]").events


def test_an_event_may_leave_its_time_out() -> None:
    assert read(only({"content-type": PLAIN}, as_json(event(time=None))), NOW).time is None


def test_extension_attributes_are_allowed() -> None:
    sent = only({"content-type": PLAIN}, as_json(event(traceparent="00-aa-bb-01", sequence=7)))

    assert READ == read(sent, NOW)


def test_a_clock_may_be_five_minutes_ahead_and_no_more() -> None:
    just = only({"content-type": PLAIN}, as_json(event(time="2026-03-02T09:35:00Z")))
    beyond = only({"content-type": PLAIN}, as_json(event(time="2026-03-02T10:35:00.000001+01:00")))

    assert datetime(2026, 3, 2, 9, 35, tzinfo=UTC) == read(just, NOW).time
    assert ("time-too-far-ahead", "/time") == refusal_of(beyond)


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"specversion": None}, "event-attribute-missing", "/specversion"),
        ({"specversion": "0.3"}, "event-attribute-wrong", "/specversion"),
        ({"specversion": 1.0}, "event-attribute-wrong", "/specversion"),
        ({"id": None}, "event-attribute-missing", "/id"),
        ({"id": ""}, "event-attribute-missing", "/id"),
        ({"id": 7}, "event-attribute-wrong", "/id"),
        ({"id": "two words"}, "event-attribute-wrong", "/id"),
        ({"id": "x" * 129}, "event-attribute-wrong", "/id"),
        ({"source": None}, "event-attribute-missing", "/source"),
        ({"source": "no reference"}, "event-attribute-wrong", "/source"),
        ({"source": {"a": "b"}}, "event-attribute-wrong", "/source"),
        ({"type": None}, "event-attribute-missing", "/type"),
        ({"type": ["prison.order-breached.v1"]}, "event-attribute-wrong", "/type"),
        ({"time": "yesterday"}, "event-attribute-wrong", "/time"),
        ({"time": "2026-02-31T09:00:00Z"}, "event-attribute-wrong", "/time"),
        ({"time": "2026-03-02T09:00:00"}, "event-attribute-wrong", "/time"),
        ({"time": "0001-01-01T00:00:00+14:00"}, "event-attribute-wrong", "/time"),
        ({"time": 1772442000}, "event-attribute-wrong", "/time"),
        ({"time": "2026-03-03T09:00:00Z"}, "time-too-far-ahead", "/time"),
        ({"data": None}, "field-missing", "/data"),
        ({"data": None, "data_base64": "e30="}, "event-attribute-wrong", "/data_base64"),
        ({"datacontenttype": "text/xml"}, "event-attribute-wrong", "/datacontenttype"),
        ({"datacontenttype": 7}, "event-attribute-wrong", "/datacontenttype"),
    ],
)
def test_an_attribute_that_is_wrong_is_named(changes: dict[str, Any], code: str, pointer: str) -> None:
    sent = only({"content-type": PLAIN}, as_json(event(**changes)))

    assert (code, pointer) == refusal_of(sent)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "json-malformed"),
        (b'{"id":', "json-malformed"),
        (b"{} trailing", "json-malformed"),
        (b'{"id":"\xff"}', "json-malformed"),
        (b'{"id":"\\ud800"}', "json-malformed"),
        (b'{"id":NaN}', "json-malformed"),
        (b"[]", "field-wrong"),
        (b"7", "field-wrong"),
        (b'{"id":1e999}', "field-wrong"),
        (b'{"id":"a\\u0000b"}', "text-has-nul"),
        (b'{"data":' + b"[" * NESTING_MAX + b"]" * NESTING_MAX + b"}", "json-too-deep"),
        (b"[" * 100_000, "json-too-deep"),
        (b'{"id":"' + b"x" * EVENT_BYTES_MAX + b'"}', "event-too-large"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_a_body_that_is_no_event_is_refused(body: bytes, code: str) -> None:
    assert code == refusal_of(only({"content-type": PLAIN}, body))[0]


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        ({"content-type": "text/plain"}, b"{}", "media-type-unknown"),
        ({"content-type": "text/plain", "ce-id": "one"}, b"{}", "media-type-unknown"),
        ({}, b"{}", "media-type-unknown"),
        ({"content-type": "application/json; charset=utf-16"}, b"{}", "media-type-unknown"),
        ({"content-type": BATCH}, b"{}", "field-wrong"),
        ({"content-type": BATCH}, b"[{]", "json-malformed"),
        ({"content-type": BATCH}, b"[" + b"[" * NESTING_MAX, "json-too-deep"),
        ({"content-type": BATCH}, as_json([7] * (BATCH_MAX + 1)), "batch-too-large"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_request_that_cannot_be_taken_apart_is_refused_whole(headers: dict[str, str], body: bytes, code: str) -> None:
    with pytest.raises(Rejected) as refusal:
        delivery(headers, body)

    assert code == refusal.value.code


def test_a_batch_holds_a_thousand_events() -> None:
    assert BATCH_MAX == len(delivery({"content-type": BATCH}, as_json([7] * BATCH_MAX)).events)


def test_source_and_id_are_read_from_an_event_that_is_otherwise_wrong() -> None:
    assert (SOURCE, "one") == whose(only({"content-type": PLAIN}, as_json(event(type=None, data=7))))


@pytest.mark.parametrize("changes", [{"id": None}, {"source": "no reference"}])
def test_without_source_and_id_nobody_can_say_which_event_it_is(changes: dict[str, Any]) -> None:
    assert whose(only({"content-type": PLAIN}, as_json(event(**changes)))) is None


def test_what_is_no_utf_8_is_kept_readably() -> None:
    assert "{\\xff" == Sent(body=b"{\xff").text


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-07-15T09:03:38.927167845+01:00", datetime(2024, 7, 15, 8, 3, 38, 927167, tzinfo=UTC)),
        ("2022-10-05T12:00:00.000Z", datetime(2022, 10, 5, 12, tzinfo=UTC)),
        ("2022-10-05T12:00:00Z\n", None),
        ("2022-10-05 12:00:00Z", None),
        ("2022-10-05T12:00:60Z", None),
        (7, None),
    ],
)
def test_moments_of_agencies_are_brought_to_utc(text: object, moment: datetime | None) -> None:
    assert moment == moment_of(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
ATTRIBUTES = st.sampled_from(["specversion", "id", "source", "type", "time", "data", "datacontenttype", "subject"])
MEDIA_TYPES = st.sampled_from([STRUCTURED, BATCH, PLAIN, "", "application/hal+json", "text/plain"]) | st.text()


def read_or_refused(headers: dict[str, str], body: bytes) -> None:
    try:
        events = delivery(headers, body).events
    except Rejected:
        return
    for sent in events:
        whose(sent)
        sent.text.encode()
        try:
            read(sent, NOW)
        except Rejected:
            continue


@settings(max_examples=200, deadline=None)
@any_of(
    headers=st.dictionaries(st.sampled_from(["ce-id", "ce-source", "ce-time", "ce-x"]), st.text(), max_size=4),
    media_type=MEDIA_TYPES,
    body=st.binary(max_size=200),
)
def test_any_bytes_are_read_or_refused(headers: dict[str, str], media_type: str, body: bytes) -> None:
    read_or_refused(headers | {"content-type": media_type}, body)


@settings(max_examples=200, deadline=None)
@any_of(changes=st.dictionaries(ATTRIBUTES, JSON, max_size=3), is_batch=st.booleans())
def test_any_json_is_read_or_refused(changes: dict[str, Any], *, is_batch: bool) -> None:
    one = {**event(), **changes}
    media_type = BATCH if is_batch else STRUCTURED

    read_or_refused({"content-type": media_type}, as_json([one, one] if is_batch else one))
