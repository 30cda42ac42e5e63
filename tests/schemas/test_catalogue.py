"""The catalogue: every entry can be read, says where it comes from, and betrays nobody."""

import re
from collections.abc import Mapping
from datetime import date
from typing import get_args

import msgspec
import pytest

from schemas import catalogue
from schemas.catalogue import CatalogueFaulty, read
from schemas.catalogue.entries import (
    AgencyKind,
    ClockEntry,
    ConditionEntry,
    EngagementEntry,
    Entry,
    Group,
    ReleaseEntry,
)
from schemas.rejection import Rejected
from schemas.reports.tasks import TaskOutcome

FILES = {
    "tactics": catalogue.tactics,
    "orders": catalogue.orders,
    "clocks": catalogue.clocks,
    "releases": catalogue.releases,
    "conditions": catalogue.conditions,
    "engagement": catalogue.engagement_states,
    "closures": catalogue.closures,
}
ENTRIES = [(name, entry) for name, entries in FILES.items() for entry in entries().values()]

NO_SENTENCES = {"code", "title", "certainty", "group", "agency_kind", "attribution", "consultation", "breach", "unit"}

every_entry = pytest.mark.parametrize(
    ("name", "entry"), ENTRIES, ids=[f"{name}-{entry.code}" for name, entry in ENTRIES]
)


@every_entry
def test_an_entry_goes_by_a_kebab_case_code(name: str, entry: Entry) -> None:
    assert entry is FILES[name]()[entry.code]
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", entry.code)


@every_entry
def test_an_entry_says_where_it_comes_from(name: str, entry: Entry) -> None:
    says_own_choice = entry.source == "Our own choice."

    assert (entry.certainty == "design") == says_own_choice, name


@every_entry
def test_an_entry_holds_from_a_day_that_has_come(name: str, entry: Entry) -> None:
    assert date(2000, 1, 1) <= entry.valid_from <= date(2026, 1, 1), name


@every_entry
def test_every_sentence_is_one_a_person_can_read(name: str, entry: Entry) -> None:
    for sentence in _sentences(entry):
        assert sentence == sentence.strip(), name
        assert sentence.endswith("."), sentence
        assert sentence[0].isupper() or sentence[0].isdigit(), sentence


BLAMING = re.compile(
    r"\b(alleg\w+|claims?|admits?|fail(s|ed)? to|refus(es|ed) to|lifestyle|toxic|volatile|provok\w+|complainant"
    r"|chose to|let him|battered|domestic dispute|tit for tat)\b",
    re.IGNORECASE,
)
LOCATING = re.compile(
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|\b0\d{9,10}\b|@|\b(address|street|road|postcode|refuge|school|nursery|workplace"
    r"|home|lives|hospital|surgery)\b",
    re.IGNORECASE,
)
NAMING = re.compile(
    r"\b(she|her|hers|mother|father|sister|brother|daughter|son|wife|husband|neighbours?|friends?|informant|source)\b",
    re.IGNORECASE,
)


@every_entry
def test_no_text_blames_a_victim(name: str, entry: Entry) -> None:
    for text in _texts(entry):
        assert None is BLAMING.search(text), f"{name}: {text}"


CROSSING = [entry for entries in (catalogue.releases(), catalogue.conditions()) for entry in entries.values()]


@pytest.mark.parametrize("entry", CROSSING, ids=lambda entry: entry.code)
def test_what_crosses_the_wall_neither_locates_nor_names_anybody(entry: ReleaseEntry | ConditionEntry) -> None:
    for text in (entry.code.replace("-", " "), entry.title, entry.sentence):
        assert None is LOCATING.search(text), text
        assert None is NAMING.search(text), text


@pytest.mark.parametrize("text", ["Her brother says so", "He was told by a neighbour"])
def test_the_check_for_names_bites(text: str) -> None:
    assert NAMING.search(text)


@pytest.mark.parametrize("text", ["near the school", "at ZZ1 1ZZ", "call 02079460000", "in a refuge"])
def test_the_check_for_places_bites(text: str) -> None:
    assert LOCATING.search(text)


def test_every_kind_of_agency_has_a_tactic() -> None:
    assert set(get_args(AgencyKind)) == {tactic.agency_kind for tactic in catalogue.tactics().values()}


def test_no_tactic_is_for_the_victim_to_carry_or_to_be_found_by() -> None:
    assert not [tactic.code for tactic in catalogue.tactics().values() if tactic.group == "victim-safety"]


def test_a_tactic_is_announced_under_its_own_name() -> None:
    for tactic in catalogue.tactics().values():
        assert f"{tactic.code}.requested" == tactic.announced_as


def test_an_announcement_says_nothing_of_abuse() -> None:
    for tactic in catalogue.tactics().values():
        assert None is re.search("domestic|abuse|victim|marac|idva|drive", tactic.announced_as)


def test_outcomes_of_a_tactic_differ() -> None:
    for tactic in catalogue.tactics().values():
        assert len(tactic.outcomes) == len(set(tactic.outcomes))


def test_every_outcome_that_can_be_told_is_one_of_a_tactic() -> None:
    of_tactics = {outcome for tactic in catalogue.tactics().values() for outcome in tactic.outcomes}

    assert of_tactics == set(get_args(TaskOutcome))


def test_tenancy_and_benefit_tactics_need_the_answer_whether_they_do_harm_sr_21() -> None:
    needing = {tactic.code for tactic in catalogue.tactics().values() if tactic.needs_harm_answer}

    assert {"asb-injunction", "tenancy-audit"} == needing


def test_stopping_contact_openly_points_to_the_victim_sr_6() -> None:
    assert "points-to-victim" == catalogue.tactic("unwanted-contact-block").attribution


def test_a_release_supports_something_that_can_be_done() -> None:
    groups = {tactic.group for tactic in catalogue.tactics().values()}

    for release in catalogue.releases().values():
        assert groups & set(release.supports), release.code


def test_a_phone_likely_on_the_wing_supports_a_search_of_cells() -> None:
    release = catalogue.release("unlawful-phone-likely-on-wing")

    assert catalogue.tactic("cell-search").group in release.supports


def test_the_groups_are_a_closed_list_of_nine() -> None:
    assert 9 == len(get_args(Group))


def test_an_order_of_a_court_protects_nobody_before_it_is_served() -> None:
    of_a_court = [order for order in catalogue.orders().values() if any("court" in by for by in order.made_by)]

    assert of_a_court
    assert all(order.needs_service for order in of_a_court)


def test_only_who_plainly_knows_counts_as_aware_sr_11() -> None:
    aware = {state.code for state in catalogue.engagement_states().values() if state.counts_as_aware}

    assert {"engaging", "intermittent", "declined"} == aware


@pytest.mark.parametrize("code", [None, "unknown", "unaware", "in-custody", "a-code-nobody-knows"])
def test_what_is_not_known_counts_as_unaware_sr_11(code: str | None) -> None:
    assert not catalogue.counts_as_aware(code)


def test_a_death_of_a_victim_holds_the_record() -> None:
    holding = {closure.code for closure in catalogue.closures().values() if closure.starts_hold}

    assert {"victim-deceased"} == holding


def test_every_clock_says_why_it_is_as_long_as_it_is() -> None:
    for clock in catalogue.clocks().values():
        assert clock.reason
        assert clock.runs_from


def test_a_waiver_is_countersigned_by_the_end_of_the_next_working_day_sr_1() -> None:
    clock = catalogue.clocks()["waiver-countersigned"]

    assert (1, "working-days", "17:00:00") == (clock.amount, clock.unit, str(clock.at))


@pytest.mark.parametrize(
    ("find", "refusal"),
    [
        (catalogue.tactic, "tactic-unknown"),
        (catalogue.order, "order-kind-unknown"),
        (catalogue.release, "release-unknown"),
        (catalogue.condition, "condition-unknown"),
        (catalogue.engagement_state, "engagement-state-unknown"),
        (catalogue.closure, "closure-unknown"),
    ],
)
def test_a_code_nobody_declared_is_refused(find: object, refusal: str) -> None:
    assert callable(find)
    with pytest.raises(Rejected, match=f"^{refusal}$"):
        find("nobody-declared-this")


def test_the_catalogue_cannot_be_changed_while_it_is_used() -> None:
    tactics: Mapping[str, Entry] = catalogue.tactics()

    with pytest.raises(TypeError):
        tactics["cell-search"] = catalogue.tactic("recall-request")  # type: ignore[index]
    with pytest.raises(AttributeError):
        tactics["cell-search"].title = "Another"  # type: ignore[misc]


SOUND = """
title = "In custody"
sentence = "He is in custody."
source = "Our own choice."
certainty = "design"
valid_from = 2026-01-01
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"[in-custody]\n{SOUND}", r"^some\.toml \[in-custody\]: .*`counts_as_aware`"),
        (f"[in-custody]\n{SOUND}counts_as_aware = 1\n", r"^some\.toml \[in-custody\]: .*\$\.counts_as_aware"),
        (f"[in-custody]\n{SOUND}count = true\n", r"^some\.toml \[in-custody\]: .*`count`"),
        (f'[in-custody]\n{SOUND}code = "other"\n', r"^some\.toml \[in-custody\]: .*named by its code"),
        (f"[In_Custody]\n{SOUND}counts_as_aware = true\n", r"^some\.toml \[In_Custody\]: .*\$\.code"),
        ("in-custody = 1\n", r"^some\.toml \[in-custody\]: .*a table"),
        ("[in-custody\n", r"^some\.toml: .*line 1"),
        (f"[in-custody]\n{SOUND}[in-custody]\n", r"^some\.toml: .*in-custody"),
    ],
)
def test_a_fault_is_told_with_file_entry_and_field(text: str, told: str) -> None:
    with pytest.raises(CatalogueFaulty, match=told):
        read("some.toml", text, EngagementEntry)


@pytest.mark.parametrize("extra", ['unit = "hours"\nat = 17:00:00\n', 'unit = "working-days"\ncounts_back = true\n'])
def test_a_clock_that_cannot_be_counted_is_a_fault(extra: str) -> None:
    text = (
        '[some-clock]\ntitle = "Some clock"\namount = 1\nruns_from = "Now."\nreason = "None."\n'
        'source = "Our own choice."\ncertainty = "design"\nvalid_from = 2026-01-01\n'
    )

    with pytest.raises(CatalogueFaulty, match=r"some\.toml \[some-clock\]: .*working days"):
        read("some.toml", text + extra, ClockEntry)


def _texts(entry: Entry) -> list[str]:
    return [value for value in msgspec.structs.asdict(entry).values() if isinstance(value, str)]


def _sentences(entry: Entry) -> list[str]:
    fields = msgspec.structs.asdict(entry).items()
    return [value for name, value in fields if isinstance(value, str) and name not in NO_SENTENCES | {"announced_as"}]
