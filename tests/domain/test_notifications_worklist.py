"""The worklist: what waits for whom, in which order it came, and that no other list is ever seen."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from infra.web.reader import Reader, Role
from schemas.notifications import NoticeEscalated, NoticeRaised
from schemas.worklist import WorkItem
from services.notifications import access, read_models
from services.notifications.deadlines import SEEN, on_due
from services.notifications.domain import notice
from services.notifications.domain.notice import AcknowledgeNotice
from services.notifications.service import NOTIFICATIONS
from tests.domain import told
from tests.domain.alone import Alone
from tests.domain.told import CASE_MANAGER, LIAISON, NOW


def reader(id: str, *roles: Role) -> Reader:
    return Reader(id=id, roles=frozenset(roles), agency="drive-essex", site="essex")


HER = reader(LIAISON, "liaison-worker")
HIM = reader(CASE_MANAGER, "case-manager")
COORDINATOR = reader("wrk_cora", "coordinator")
LEAD = reader("wrk_lara", "liaison-lead")


@pytest.fixture
def notifications(tmp_path: Path) -> Iterator[Alone]:
    alone = Alone(NOTIFICATIONS, tmp_path, NOW)
    yield alone
    alone.close()


def hear_the_story(notifications: Alone) -> None:
    notifications.tell("casework", told.case_opened())
    notifications.tell("victim_liaison", told.liaison_named())
    notifications.tell("casework", told.case_allocated())
    notifications.tell("disruption", told.order_breached())


def test_an_errand_leaves_the_list_when_it_is_done_and_comes_back_when_it_is_asked_again(notifications: Alone) -> None:
    notifications.tell("casework", told.case_opened())
    assert (["find-liaison-worker"], ["allocate-case"]) == (
        codes(notifications, LEAD),
        codes(notifications, COORDINATOR),
    )

    notifications.tell("victim_liaison", told.liaison_named())
    notifications.tell("casework", told.case_allocated())
    assert ([], []) == (codes(notifications, LEAD), codes(notifications, COORDINATOR))

    notifications.tell("victim_liaison", told.liaison_stood_down())
    assert ["find-liaison-worker"] == codes(notifications, LEAD)


def waiting(notifications: Alone, who: Reader, after: int = 0, count: int = 100) -> Sequence[tuple[int, WorkItem]]:
    return notifications.look(lambda connection: read_models.waiting_for(connection, who, after, count))


def codes(notifications: Alone, who: Reader) -> list[str]:
    return [item.code for _, item in waiting(notifications, who)]


def acknowledge(notifications: Alone, who: Reader, item: WorkItem) -> None:
    command = AcknowledgeNotice(notice=item.id, worker=who.id, roles=frozenset(who.roles))
    decided = notifications.ask(notice, item.id, command, f"seen-by-{who.id}")

    assert decided.refusal is None


def escalate(notifications: Alone, item: WorkItem) -> None:
    follows = on_due(f"notice-{item.id}", SEEN, NOW)
    notifications.ask(follows.decider, follows.id, follows.command, "clock")


def test_each_reader_sees_what_waits_for_them(notifications: Alone) -> None:
    hear_the_story(notifications)

    assert ["case-manager-named", "order-breached"] == codes(notifications, HER)
    assert ["case-allocated", "order-breached"] == codes(notifications, HIM)
    assert [] == codes(notifications, COORDINATOR)
    assert [] == codes(notifications, LEAD)
    assert [] == codes(notifications, reader("wrk_lou", "liaison-worker"))


def test_sr_9_her_notice_of_the_broken_order_has_the_lower_number(notifications: Alone) -> None:
    hear_the_story(notifications)

    owners = [
        event.owner
        for event in notifications.said()
        if isinstance(event, NoticeRaised) and event.code == "order-breached"
    ]
    assert [LIAISON, CASE_MANAGER] == owners


def test_what_was_seen_waits_no_more_and_is_seen_by_nobody_else_for_it(notifications: Alone) -> None:
    hear_the_story(notifications)
    acknowledge(notifications, HER, waiting(notifications, HER)[1][1])

    assert ["case-manager-named"] == codes(notifications, HER)
    assert ["case-allocated", "order-breached"] == codes(notifications, HIM)


def test_sr_16_that_she_has_seen_it_is_said_to_nobody(notifications: Alone) -> None:
    hear_the_story(notifications)
    before = notifications.said()
    acknowledge(notifications, HER, waiting(notifications, HER)[1][1])

    assert before == notifications.said()


def test_an_escalated_item_stands_on_both_lists_until_each_has_seen_it(notifications: Alone) -> None:
    hear_the_story(notifications)
    hers = waiting(notifications, HER)[1][1]
    escalate(notifications, hers)

    leads = [item for _, item in waiting(notifications, LEAD) if item.id == hers.id]
    assert [True] == [item.is_escalated for item in leads]
    assert NoticeEscalated in [type(event) for event in notifications.said()]
    assert hers.due_at < leads[0].due_at

    acknowledge(notifications, LEAD, leads[0])
    assert [] == codes(notifications, LEAD)
    assert ["case-manager-named", "order-breached"] == codes(notifications, HER)


def test_what_the_leads_have_not_seen_stays_with_them_and_is_marked(notifications: Alone) -> None:
    notifications.tell("casework", told.case_opened())
    escalate(notifications, waiting(notifications, LEAD)[0][1])

    assert [("find-liaison-worker", True)] == [
        (item.code, item.is_escalated) for _, item in waiting(notifications, LEAD)
    ]


def test_a_page_goes_on_where_the_one_before_ended(notifications: Alone) -> None:
    hear_the_story(notifications)
    ((first, item),) = waiting(notifications, HER, 0, 1)
    ((_, following),) = waiting(notifications, HER, first, 1)

    assert ["case-manager-named", "order-breached"] == [item.code, following.code]
    assert [] == waiting(notifications, HER, waiting(notifications, HER)[-1][0])


def test_an_escalated_item_comes_to_the_other_list_as_something_new(notifications: Alone) -> None:
    hear_the_story(notifications)
    (_, (order, hers)) = waiting(notifications, HER)
    escalate(notifications, hers)

    assert ["order-breached"] == [item.code for _, item in waiting(notifications, LEAD, order)]


def test_a_message_heard_again_tells_nobody_twice(notifications: Alone) -> None:
    hear_the_story(notifications)
    sent = notifications.tell("disruption", told.action_tasked())
    before = notifications.recorded()
    notifications.hear("disruption", sent)

    assert before == notifications.recorded()


def test_each_side_reads_its_own_next_step(notifications: Alone) -> None:
    hear_the_story(notifications)
    hers, his = waiting(notifications, HER)[1][1], waiting(notifications, HIM)[1][1]

    assert "An order was broken: telephone." == hers.sentence == his.sentence
    assert "safe-contact plan" in hers.next_step
    assert "safe-contact plan" not in his.next_step


def test_no_list_and_no_message_names_the_agency(notifications: Alone) -> None:
    hear_the_story(notifications)
    notifications.tell("intake", told.received_into_custody())
    notifications.tell("disruption", told.action_tasked(), *told.task_answered(), told.task_recalled())

    shown = msgspec.json.encode([waiting(notifications, who) for who in (HER, HIM)]) + msgspec.json.encode(
        notifications.recorded()
    )
    assert told.PRISON not in shown.decode()
    assert "establishment" not in shown.decode()


def test_nobody_reads_or_settles_anothers_list(notifications: Alone) -> None:
    hear_the_story(notifications)
    hers = notifications.journal.state(notice, waiting(notifications, HER)[1][1].id)

    assert [True, False, False, False] == [
        access.may_acknowledge(who, hers) for who in (HER, HIM, COORDINATOR, reader(LIAISON[:-1], "liaison-worker"))
    ]
    assert not access.may_acknowledge(HER, notice.INITIAL)


def test_only_people_who_work_with_cases_have_a_list() -> None:
    who = [HER, HIM, COORDINATOR, LEAD, reader("wrk_ada", "auditor"), reader(told.PRISON, "agency")]

    assert [True] * 4 + [False] * 2 == [access.may_read_a_worklist(one) for one in who]


def test_rebuilt_lists_equal_the_live_ones(notifications: Alone) -> None:
    hear_the_story(notifications)
    escalate(notifications, waiting(notifications, HER)[1][1])
    acknowledge(notifications, HIM, waiting(notifications, HIM)[0][1])
    live = [waiting(notifications, who) for who in (HER, HIM, COORDINATOR, LEAD)]

    notifications.journal.rebuild()

    assert live == [waiting(notifications, who) for who in (HER, HIM, COORDINATOR, LEAD)]
