"""What an agency told us in `data`: decoded strictly, and looked through for what a schema cannot say."""

from typing import Any

import pytest
from hypothesis import given as any_of
from hypothesis import settings
from hypothesis import strategies as st

from schemas.rejection import Rejected
from schemas.reports import BY_KIND
from schemas.reports.prison import OrderBreached
from schemas.reports.report import About, Identifier
from services.intake import decoding
from tests.domain.intake_examples import NOW, TASK, breach
from tests.domain.test_intake_cloudevents import JSON

BREACHED = "prison.order-breached.v1"
SEALED = {
    "compartment": "person",
    "subject": "rep_of_another",
    "field": "account",
    "key_id": "k",
    "nonce": "AAAAAAAAAAAAAAAA",
    "ciphertext": "AAAA",
}


def refusal_of(kind: str, data: Any) -> tuple[str, str]:
    with pytest.raises(Rejected) as refusal:
        decoding.report(decoding.known_kind(kind), data, NOW)
    return refusal.value.code, refusal.value.pointer


def test_a_report_is_decoded_with_every_word_plain() -> None:
    expected = OrderBreached(
        about=About(identifiers=(Identifier(type="NOMS", value="A1234BC"),), family_name="Exampleby"),
        order="NM/26/0417",
        breached_at="2026-03-02T08:41:00Z",
        means="telephone",
        establishment="HMP Fennholt",
    )

    assert expected == decoding.report(OrderBreached, breach(), NOW)


@pytest.mark.parametrize("kind", ["", "prison.order-breached", "prison.order-breached.v2", "casework.case-opened.v1"])
def test_a_kind_that_there_is_not_is_refused(kind: str) -> None:
    assert ("kind-unknown", "/type") == refusal_of(kind, breach())


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"order": None}, "field-missing", "/data/order"),
        ({"orders": "NM/26/0417"}, "field-unknown", "/data/orders"),
        ({"order": 7}, "field-wrong", "/data/order"),
        ({"order": "NM/26/0417\n"}, "field-wrong", "/data/order"),
        ({"means": "pigeon"}, "field-wrong", "/data/means"),
        ({"kind": "police.order-served.v1"}, "field-wrong", "/data/kind"),
        ({"account": "x" * 4001}, "field-wrong", "/data/account"),
        ({"account": SEALED}, "field-wrong", "/data/account"),
        ({"account": {"compartment": "nobody's"}}, "field-wrong", "/data/account/compartment"),
        ({"breached_at": "2026-02-31T08:41:00Z"}, "field-wrong", "/data/breached_at"),
        ({"breached_at": "2026-03-02T09:36:00Z"}, "time-too-far-ahead", "/data/breached_at"),
        ({"about": None}, "about-missing", "/data/about"),
        ({"about": "him"}, "field-wrong", "/data/about"),
        ({"about": {}}, "field-missing", "/data/about/identifiers"),
        ({"about": {"identifiers": []}}, "field-wrong", "/data/about/identifiers"),
        (
            {"about": {"identifiers": [{"type": "NOMS"}]}},
            "field-missing",
            "/data/about/identifiers/0/value",
        ),
        (
            {"about": {"identifiers": [{"type": "SHOE", "value": "43"}]}},
            "field-wrong",
            "/data/about/identifiers/0/type",
        ),
        (
            {"about": {"identifiers": [{"type": "NOMS", "value": "A1234BC"}], "born": "1979-02-30"}},
            "field-wrong",
            "/data/about/born",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_field_that_is_wrong_is_pointed_to(changes: dict[str, Any], code: str, pointer: str) -> None:
    assert (code, pointer) == refusal_of(BREACHED, breach(**changes))


@pytest.mark.parametrize("data", [None, 7, "text", [], [breach()]])
def test_data_that_is_no_object_is_refused(data: object) -> None:
    assert ("field-wrong", "/data") == refusal_of(BREACHED, data)


def test_a_place_inside_a_list_is_pointed_to() -> None:
    data = {"about": breach()["about"], "route": "repeat", "reason": "R", "victims": [{"family_name": "V"}]}

    assert ("field-missing", "/data/victims/0/given_names") == refusal_of("police.referral-made.v1", data)


def test_an_order_may_expire_in_the_future_but_only_on_a_day_that_there_is() -> None:
    data = {
        "about": breach()["about"],
        "order": "NM/26/0417",
        "order_kind": "restraining-order",
        "granted_at": "2026-03-01T10:00:00Z",
    }
    until_2030 = decoding.report(BY_KIND["courts.order-granted.v1"], data | {"expires_on": "2030-03-01"}, NOW)

    assert "2030-03-01" == getattr(until_2030, "expires_on", None)
    assert ("field-wrong", "/data/expires_on") == refusal_of(
        "courts.order-granted.v1", data | {"expires_on": "2030-13-01"}
    )


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"order_kind": "her-sister-told-us"}, "order-kind-unknown", "/data/order_kind"),
        ({"order_kind": "Restraining order"}, "field-wrong", "/data/order_kind"),
        ({"terms": ["no-contact", "not-near-12-elm-road"]}, "field-wrong", "/data/terms/1"),
    ],
)
def test_an_order_is_of_a_known_kind_and_says_what_orders_say(changes: dict[str, Any], code: str, pointer: str) -> None:
    data = {
        "about": breach()["about"],
        "order": "NM/26/0417",
        "order_kind": "restraining-order",
        "granted_at": "2026-03-01T10:00:00Z",
    }

    assert (code, pointer) == refusal_of("courts.order-granted.v1", data | changes)


def test_what_came_of_a_task_is_one_of_the_outcomes_there_are() -> None:
    data = {"task": TASK, "outcome": "her-sister-told-us"}

    assert ("field-wrong", "/data/outcome") == refusal_of("agency.task-done.v1", data)


def test_the_answer_to_a_task_needs_nobody_named() -> None:
    decoding.report(BY_KIND["agency.task-accepted.v1"], {"task": TASK}, NOW)


def test_identifiers_are_brought_to_their_canonical_form() -> None:
    about = About(identifiers=(Identifier(type="PNC", value="02/73319z"), Identifier(type="NOMS", value="a1234bc")))

    assert (("PNC", "2002/0073319Z"), ("NOMS", "A1234BC")) == decoding.identifiers(about, NOW)


def test_an_identifier_that_cannot_be_right_is_pointed_to() -> None:
    about = About(identifiers=(Identifier(type="NOMS", value="A1234BC"), Identifier(type="PNC", value="02/73319A")))

    with pytest.raises(Rejected) as refusal:
        decoding.identifiers(about, NOW)

    assert "identifier-check-letter-wrong" == refusal.value.code
    assert "/data/about/identifiers/1/value" == refusal.value.pointer


def test_no_refusal_repeats_what_was_sent() -> None:
    canary = "Canary Exampleby"
    sent = [
        breach(means=canary),
        breach(order=canary),
        breach(about={"identifiers": [{"type": canary, "value": canary}]}),
        breach(breached_at=canary),
        canary,
    ]

    for data in sent:
        with pytest.raises(Rejected) as refusal:
            decoding.report(OrderBreached, data, NOW)

        assert canary not in repr((refusal.value.args, refusal.value.code, refusal.value.pointer))
        assert refusal.value.__cause__ is None


FIELDS = st.sampled_from(["about", "order", "breached_at", "means", "establishment", "task", "victims", "reason", "x"])


@settings(max_examples=300, deadline=None)
@any_of(
    kind=st.sampled_from(sorted(BY_KIND)),
    data=JSON | st.dictionaries(FIELDS, JSON, max_size=5).map(lambda changes: breach() | changes),
)
def test_any_data_is_decoded_or_refused(kind: str, data: Any) -> None:
    try:
        decoding.report(BY_KIND[kind], data, NOW)
    except Rejected:
        return
