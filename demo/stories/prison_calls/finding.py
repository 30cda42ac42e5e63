"""How each actor finds what the story is about among whatever else the data directory holds.

Whoever may see a case opens who it is about once, and keeps that in mind: each opening is recorded.
"""

from typing import Any

from demo.client import Api
from demo.clients import PRISON
from demo.step import Context
from demo.stories.prison_calls.people import PNC, SHE

Row = dict[str, Any]


def rows(api: Api, path: str, name: str, **query: str | int) -> list[Row]:
    """The rows of a list; none where there is no such list for this client."""
    found = api.get(path, **query)
    listed: list[Row] = [] if found is None else found[name]
    return listed


def case(api: Api) -> Row | None:
    """His case, for whoever may see it."""
    return next((row for row in rows(api, "/cases", "cases") if _opened(api, _identity, row["person"]) == PNC), None)


def _identity(api: Api, person: str) -> str | None:
    shown = api.get(f"/cases/{person}/identity")
    return None if shown is None else shown["fields"].get("pnc")


def victim(api: Api) -> Row | None:
    """Her record, for whoever stands with her or leads those who do."""
    named = f"{SHE['given_names']} {SHE['family_name']}"
    return next((row for row in rows(api, "/victims", "victims") if _opened(api, _name, row["victim"]) == named), None)


def _name(api: Api, reference: str) -> str | None:
    shown = api.get(f"/victims/{reference}")
    return None if shown is None else "{given_names} {family_name}".format_map(shown["details"])


def _opened(api: Api, opening: Any, reference: str) -> str | None:
    """What an opening showed, which is asked for once."""
    if reference not in api.learnt:
        api.learnt[reference] = opening(api, reference)
    return api.learnt[reference]


def action(api: Api) -> Row | None:
    """The action about him, for whoever works on his case."""
    his = case(api)
    if his is None:
        return None
    return next(iter(rows(api, "/actions", "actions", person=his["person"])), None)


def task(api: Api) -> Context | None:
    """The search that the prison was asked for."""
    asked = rows(api, f"/agencies/{PRISON}/tasks", "tasks")
    found = next((row for row in asked if row["announced_as"] == "cell-search.requested"), None)
    return None if found is None else {"task": found["task"]}


def item(api: Api, path: str, code: str) -> Row | None:
    """The first item of this code on a worklist of the client."""
    return next((row for row in rows(api, path, "items") if row["code"] == code), None)


def of_timeline(api: Api, reference: str, what: str) -> str | None:
    """What a row of this kind on a victim's timeline refers to, if there is one."""
    told = rows(api, f"/victims/{reference}/timeline", "rows")
    return next((row["reference"] for row in told if row["what"] == what), None)
