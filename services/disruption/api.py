"""Disruption over HTTP: actions from proposal to outcome, the orders there are, and what an agency is asked."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from infra.web.desk import Asking, Desk
from infra.web.reader import Reader
from infra.web.requests import AskedBy, NotThere, ReadBy, accepts, body, shown
from infra.working_days import LONDON
from schemas.disruption import ActionTasked, Outcome
from schemas.ids import ActionId, PersonId, derive
from schemas.rejection import Rejected
from schemas.sealed import Sealed
from services.disruption import access
from services.disruption.answers import (
    ActionKnown,
    Actions,
    ActionText,
    Orders,
    TaskGiven,
    Tasks,
    TaskShown,
    shown_action,
)
from services.disruption.domain import action, person
from services.disruption.domain import action_commands as commands
from services.disruption.domain import action_state as state
from services.disruption.domain.agency import refuse_unless_able
from services.disruption.domain.tactics import BY_CODE
from services.disruption.domain.text_check import refuse_naming_prison, refuse_telling_text
from services.disruption.read_models.actions import ActionRow, action_of, actions_of
from services.disruption.read_models.orders import orders_of
from services.disruption.read_models.rows import PAGE_MAX
from services.disruption.read_models.tasks import task_of, tasks_of
from services.disruption.requests import Authorisation, Change, Conclusion, Proposal, Withdrawal

ACTION_TEXT: Final = "action-text"
TASK_TEXT: Final = "task-text"
"""Why a text is opened, as its record says."""

After = Annotated[int, Query(ge=0, le=2**53, description="The `place` of the last row of the page before.")]
Count = Annotated[int, Query(ge=1, le=PAGE_MAX)]
PersonAsked = Annotated[str, Query(max_length=64, description="The reference of the person.")]


def routes(desk: Desk) -> APIRouter:
    """Disruption's addresses."""
    router = APIRouter(tags=["disruption"])
    _drafting(router, desk)
    _deciding(router, desk)
    _reading(router, desk)
    _agencies(router, desk)
    return router


async def _seen(desk: Desk, reader: Reader, action_id: str) -> ActionRow:
    """The action as this reader may see it. Raises NotThere, after the same one query, where it is not theirs."""
    row = await desk.look(lambda connection: action_of(connection, reader, action_id))
    if row is None:
        raise NotThere
    return row


async def _sealed(desk: Desk, about: PersonId, asked: Proposal | Change) -> dict[str, Sealed]:
    """Both texts, sealed for the person's side once they tell nothing that they must not."""
    tactic = BY_CODE.get(asked.tactic)
    if tactic is None:
        raise Rejected("tactic-unknown", "/tactic")
    refuse_unless_able(asked.agency, tactic)
    refuse_telling_text(asked.plan, asked.tasking, must_not_name_a_person=tactic.must_not_name_a_person)
    if tactic.entry.agency_kind == "prison":
        refuse_naming_prison(asked.plan, asked.agency)
    return await desk.seal("person", about, {"plan": asked.plan, "tasking": asked.tasking})


def _drafting(router: APIRouter, desk: Desk) -> None:
    @router.post("/actions", status_code=201, **accepts(Proposal))
    async def propose(asked: AskedBy, proposal: Annotated[Proposal, body(Proposal)]) -> Response:
        """Propose an action, with its attribution plan: the victims' side is consulted on it as it stands here."""
        if not access.may_work_with(asked.reader, await desk.state(person, proposal.person)):
            raise NotThere
        sealed = await _sealed(desk, proposal.person, proposal)
        action_id = derive("act", asked.command_id)
        command = commands.ProposeAction(
            action=action_id,
            by=asked.reader.id,
            person=proposal.person,
            tactic=proposal.tactic,
            agency=proposal.agency,
            attribution=proposal.attribution,
            plan=sealed["plan"],
            tasking=sealed["tasking"],
        )
        outcome = await desk.ask(asked, action, action_id, command)
        return shown(ActionKnown(action=action_id), status=201, version=outcome.version)

    @router.post("/actions/{action_id}/change", **accepts(Change))
    async def change(asked: AskedBy, action_id: str, change: Annotated[Change, body(Change)]) -> Response:
        """Make it another action: whatever was cleared and authorised before is void."""
        row = await _seen(desk, asked.reader, action_id)
        sealed = await _sealed(desk, row.person, change)
        command = commands.ChangeAction(
            version=change.version,
            by=asked.reader.id,
            tactic=change.tactic,
            agency=change.agency,
            attribution=change.attribution,
            plan=sealed["plan"],
            tasking=sealed["tasking"],
        )
        return await _asked(desk, asked, row.action, command)


async def _asked(desk: Desk, asked: Asking, action_id: ActionId, command: commands.ActionCommand) -> Response:
    outcome = await desk.ask(asked, action, action_id, command)
    return shown(ActionKnown(action=action_id), version=outcome.version)


def _deciding(router: APIRouter, desk: Desk) -> None:
    @router.post("/actions/{action_id}/authorise", **accepts(Authorisation))
    async def authorise(
        asked: AskedBy, action_id: str, authorisation: Annotated[Authorisation, body(Authorisation)]
    ) -> Response:
        """Authorise the version that was read, cleared as it is. For a practice manager who did not write it."""
        row = await _seen(desk, asked.reader, action_id)
        if not access.may_authorise(asked.reader):
            raise NotThere
        command = commands.AuthoriseAction(version=authorisation.version, by=asked.reader.id)
        return await _asked(desk, asked, row.action, command)

    @router.post("/actions/{action_id}/task")
    async def task(asked: AskedBy, action_id: str) -> Response:
        """Ask the agency to act. The victims' side is heard to its present head first, and must have cleared it."""
        row = await _seen(desk, asked.reader, action_id)
        is_heard = await desk.hear("victim_liaison")
        command = commands.TaskAction(
            now=asked.now, task=derive("tsk", row.action, asked.command_id), liaison_heard=is_heard
        )
        outcome = await desk.ask(asked, action, row.action, command)
        standing = await desk.state(action, row.action)
        present = standing.task.id if isinstance(standing, state.WithTask) else command.task
        given = next((event.task for event in outcome.events if isinstance(event, ActionTasked)), present)
        return shown(TaskGiven(action=row.action, task=given), version=outcome.version)

    @router.post("/actions/{action_id}/withdraw", **accepts(Withdrawal))
    async def withdraw(asked: AskedBy, action_id: str, withdrawal: Annotated[Withdrawal, body(Withdrawal)]) -> Response:
        """Give it up. An agency that was asked is told to stop."""
        row = await _seen(desk, asked.reader, action_id)
        return await _asked(desk, asked, row.action, commands.WithdrawAction(reason=withdrawal.reason))

    @router.post("/actions/{action_id}/conclude", **accepts(Conclusion))
    async def conclude(asked: AskedBy, action_id: str, conclusion: Annotated[Conclusion, body(Conclusion)]) -> Response:
        """Record what came of it."""
        row = await _seen(desk, asked.reader, action_id)
        outcome = Outcome(code=conclusion.code, count=conclusion.count)
        return await _asked(desk, asked, row.action, commands.ConcludeAction(outcome=outcome))


def _reading(router: APIRouter, desk: Desk) -> None:
    @router.get("/actions")
    async def actions(read: ReadBy, person: PersonAsked, after: After = 0, count: Count = PAGE_MAX) -> Response:
        """The actions about a person, in codes, the oldest first."""
        found = await desk.look(lambda connection: actions_of(connection, read, person, after, count))
        return shown(Actions(actions=tuple(found)))

    @router.get("/actions/{action_id}")
    async def one_action(read: ReadBy, action_id: str) -> Response:
        """How it stands, and what is missing before the agency can be asked."""
        row = await _seen(desk, read, action_id)
        return shown(shown_action(row, await _known(row.action)), version=row.stream_version)

    @router.get("/actions/{action_id}/text")
    async def text(read: ReadBy, action_id: str) -> Response:
        """Plan and tasking in plain words. The opening is recorded before the answer is given."""
        row = await _seen(desk, read, action_id)
        draft = (await _known(row.action)).draft
        plan, tasking = await desk.open(read, ACTION_TEXT, [draft.plan, draft.tasking])
        return shown(ActionText(action=row.action, plan=plan, tasking=tasking))

    @router.get("/orders")
    async def orders(read: ReadBy, person: PersonAsked, after: After = 0, count: Count = PAGE_MAX) -> Response:
        """What binds a person, and whether it protects today. An order that is not served protects nobody."""
        today = desk.now().astimezone(LONDON).date()
        found = await desk.look(lambda connection: orders_of(connection, read, person, today, after, count))
        return shown(Orders(orders=tuple(found)))

    async def _known(action_id: ActionId) -> state.Known:
        known = await desk.state(action, action_id)
        if isinstance(known, state.Unknown):
            raise NotThere
        return known


def _agencies(router: APIRouter, desk: Desk) -> None:
    @router.get("/agencies/{code}/tasks")
    async def tasks(read: ReadBy, code: str, after: After = 0, count: Count = PAGE_MAX) -> Response:
        """What this agency was asked, the oldest first. For itself alone."""
        if not access.may_see_tasks(read, code):
            raise NotThere
        found = await desk.look(lambda connection: tasks_of(connection, read, code, after, count))
        return shown(Tasks(tasks=tuple(found)))

    @router.get("/agencies/{code}/tasks/{task_id}")
    async def one_task(read: ReadBy, code: str, task_id: str) -> Response:
        """What is asked for, in plain words, while the task stands. The opening is recorded first."""
        found = await desk.look(lambda connection: task_of(connection, read, code, task_id))
        if found is None:
            raise NotThere
        row, action_id = found
        of = await desk.state(action, action_id)
        if not isinstance(of, state.WithAgency) or of.task.id != row.task:
            return shown(TaskShown(task=row, text=None))
        (text,) = await desk.open(read, TASK_TEXT, [of.draft.tasking])
        return shown(TaskShown(task=row, text=text))
