"""Text that could lead him to her, or to whoever told, is found before it is sealed. Wrongly refused is good enough."""

import pytest

from schemas.rejection import Rejected
from services.disruption.domain.text_check import (
    LOCATING,
    NAMING_PERSON,
    NAMING_SOURCE,
    Hit,
    hits,
    refuse_telling_text,
)

SEARCH = "Search the cells of B wing for unlawful phones. Reason class: unlawful handsets."
SERVE = "Trace vehicle AB12 CDE and serve non-molestation order FAM-2026-7 of the Family Court at Nowhere."


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("near ZZ99 9ZZ", "postcode"),
        ("near zz999zz", "postcode"),
        ("near Z9 9ZZ today", "postcode"),
        ("near \uff3a\uff3a\uff19\uff19 \uff19\uff3a\uff3a", "postcode"),
        ("call 07700 900123", "telephone"),
        ("call 07700-900-123", "telephone"),
        ("call (020) 7946 0123", "telephone"),
        ("call +44 7700 900123", "telephone"),
        ("call +44 (0)7700 900123", "telephone"),
        ("call 0044 7700 900123", "telephone"),
        ("write to someone@example.org", "e-mail"),
        ("write to someone.else+x@mail.example.org", "e-mail"),
        ("at pick-up from school", "school"),
        ("at the Nursery gates", "school"),
        ("seen at 12 acacia road", "street"),
        ("seen at 12b Acacia Close", "street"),
        ("seen in Invented Street", "street"),
        ("placed in a refuge", "refuge"),
        ("in a safe-house", "refuge"),
    ],
)
def test_where_somebody_is_or_how_to_reach_them_is_found(text: str, kind: str) -> None:
    """SR-26."""
    assert [kind] == [hit.kind for hit in hits(text, LOCATING)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("her brother gave the mark", "relation"),
        ("his new partner", "relation"),
        ("their step-father", "relation"),
        ("Her elder sister-in-law", "relation"),
        ("the victim is afraid", "victim"),
        ("his ex-partner lives near", "victim"),
        ("she says that he calls", "reported-speech"),
        ("She has told police", "reported-speech"),
        ("according to a relative", "source"),
        ("an informant", "source"),
    ],
)
def test_who_told_us_or_that_anybody_did_is_found(text: str, kind: str) -> None:
    """SR-5."""
    assert kind in [hit.kind for hit in hits(text, NAMING_SOURCE)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("search the cell of Mr Invented", "titled-name"),
        ("search Alan Invented", "name"),
        ("search A1234BC first", "number"),
        ("look at 2002/0123456X", "number"),
        ("search his cell", "single-person"),
        ("search the prisoner at once", "single-person"),
    ],
)
def test_what_singles_somebody_out_is_found(text: str, kind: str) -> None:
    assert kind in [hit.kind for hit in hits(text, NAMING_PERSON)]


@pytest.mark.parametrize("text", [SEARCH, SERVE, "Search North Wing and Landing Three on Monday at 6.", "", "3 phones"])
def test_plain_tasking_passes(text: str) -> None:
    refuse_telling_text("He will take it for a routine search of the wing.", text, must_not_name_a_person=False)


def test_a_search_of_the_wing_passes_where_nobody_may_be_named() -> None:
    refuse_telling_text("A routine search.", SEARCH, must_not_name_a_person=True)


def test_a_hit_says_what_and_where_and_never_the_text() -> None:
    text = "call 07700 900123"

    assert (Hit("telephone", 5, 17),) == hits(text, LOCATING)
    assert "07700" not in repr(hits(text, LOCATING))


@pytest.mark.parametrize(
    ("plan", "tasking", "must_not_name", "code", "pointer"),
    [
        ("He lives near ZZ99 9ZZ.", SEARCH, False, "text-may-locate", "/plan"),
        ("Routine.", "Search near ZZ99 9ZZ.", False, "text-may-locate", "/tasking"),
        ("Routine.", "Her brother says he drives AB12 CDE.", False, "text-may-name-source", "/tasking"),
        ("Routine.", "Search his cell.", True, "text-may-name-a-person", "/tasking"),
    ],
)
def test_a_text_that_tells_is_refused_with_its_place(
    plan: str, tasking: str, code: str, pointer: str, *, must_not_name: bool
) -> None:
    with pytest.raises(Rejected) as refused:
        refuse_telling_text(plan, tasking, must_not_name_a_person=must_not_name)

    assert (code, pointer) == (refused.value.code, refused.value.pointer)


def test_a_refusal_names_each_kind_once() -> None:
    with pytest.raises(Rejected) as refused:
        refuse_telling_text("Routine.", "07700 900123, 07700 900124, someone@example.org", must_not_name_a_person=False)

    assert ["telephone", "e-mail"] == [answer.rule for answer in refused.value.answers]


def test_a_plan_may_speak_of_her_and_a_person_may_be_named_where_the_task_is_about_him() -> None:
    refuse_telling_text(
        "He will think that the victim complained.", "Serve Alan Invented.", must_not_name_a_person=False
    )
