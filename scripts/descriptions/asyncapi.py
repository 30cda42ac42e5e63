"""AsyncAPI 3.0 of the messages that services say and of the events that agencies send."""

from collections.abc import Iterable
from typing import Any, Final

from schemas import vocabulary
from schemas.event import Event
from schemas.reports import ALL as REPORTS
from schemas.reports.report import kind_of

_CLOUD_EVENT: Final = "application/cloudevents+json"
_ABOUT: Final = """\
What the services of one site say to each other, and what agencies tell them.

Every message is one CloudEvent in structured JSON, encoded once: the bytes that are stored in a journal are the bytes
that are carried. Messages of a service are numbered 1, 2, 3, ... and chained by hash. A listener that has heard
number n acts on n + 1 and nothing else.

The channels are named as the topics of a broker. Where services run in one process, they read the same bytes from
each other's journals; over HTTP they are at GET /services/{name}/messages. Agencies send the same events as are
described here to POST /agencies/{code}/events.
"""


def document() -> Any:
    """The whole description."""
    services = _by_service()
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Cordon", "version": "0.1.0", "description": _ABOUT},
        "defaultContentType": _CLOUD_EVENT,
        "channels": {**{name: _of_service(name, said) for name, said in services.items()}, "agency": _of_agencies()},
        "operations": {
            **{f"say-{name}": _operation("send", name) for name in services},
            "hear-agency": _operation("receive", "agency"),
        },
        "components": {
            "messages": {
                **{name: _message(event) for name, event in sorted(vocabulary.MESSAGES.items())},
                **{kind_of(report): _report(kind_of(report), report) for report in REPORTS},
            }
        },
    }


def _by_service() -> dict[str, list[str]]:
    """Service -> the types of its messages. A service's module is named for it, its types as people write it."""
    services = {
        module.__name__.rpartition(".")[2]: sorted(
            event.TYPE for event in vocabulary.declared(module) if event.TYPE in vocabulary.MESSAGES
        )
        for module in vocabulary.MODULES
    }
    return {name: said for name, said in services.items() if said}


def _of_service(name: str, said: Iterable[str]) -> Any:
    return {
        "address": f"cordon.{{site}}.{name}",
        "description": f"Everything that {name} says, in one order.",
        "parameters": {"site": {"description": "The area's partnership.", "examples": ["northmere"]}},
        "messages": _refs(said),
    }


def _of_agencies() -> Any:
    return {
        "address": "agency.{code}",
        "description": "What one agency tells. Each agency may tell only the kinds that were agreed with it.",
        "parameters": {"code": {"description": "The agency's code.", "examples": ["northmere-police"]}},
        "messages": _refs(kind_of(report) for report in REPORTS),
    }


def _refs(names: Iterable[str]) -> Any:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _operation(action: str, channel: str) -> Any:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}}


def _message(event: type[Event]) -> Any:
    """The envelope of every record around what this one says."""
    says = {"properties": {"type": {"const": event.TYPE}, "data": {"$ref": f"messages/{event.TYPE}.json"}}}
    return {
        "name": event.TYPE,
        "summary": _first_sentence(event),
        "contentType": _CLOUD_EVENT,
        "payload": {"allOf": [{"$ref": "envelope.json"}, says]},
    }


def _report(kind: str, report: type) -> Any:
    """A CloudEvent as CloudEvents 1.0 asks for it; with `source` its `id` names it for ever."""
    return {
        "name": kind,
        "summary": _first_sentence(report),
        "contentType": _CLOUD_EVENT,
        "payload": {
            "type": "object",
            "required": ["specversion", "id", "source", "type", "data"],
            "properties": {
                "specversion": {"const": "1.0"},
                "id": {"type": "string"},
                "source": {"type": "string", "format": "uri-reference"},
                "type": {"const": kind},
                "time": {"type": "string", "format": "date-time"},
                "datacontenttype": {"const": "application/json"},
                "data": {"$ref": f"reports/{kind}.json"},
            },
        },
    }


def _first_sentence(kind: type) -> str:
    return (kind.__doc__ or "").partition("\n")[0].strip()
