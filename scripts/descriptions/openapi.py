"""OpenAPI of everything that can be asked over HTTP, from the routes themselves. No service is started for it."""

from typing import Any, cast

from joserfc.jwk import KeySet

from infra.bus.local import LocalBus
from infra.clock import SystemClock
from infra.metrics import Metrics
from infra.settings import Settings
from infra.web.app import Edge, application
from infra.web.desk import Desk
from infra.web.message_routes import message_routes
from infra.web.tokens import Tokens
from scripts.descriptions.json_schemas import tidied
from services.__main__ import all_services


def document() -> Any:
    """The description that a host would serve, its texts tidied."""
    clock = SystemClock()
    edge = Edge(
        tokens=Tokens("", "", clock, lambda: KeySet([])),
        clock=clock,
        fingerprint_key=b"",
        metrics=Metrics(),
        refusals={},
        health=dict,
        body_bytes_max=Settings().body_bytes_max,
    )
    nobodys = cast("Desk", None)  # routes keep their desk for later, and none of them is asked here
    routers = [service.routes(nobodys) for service in all_services() if service.routes is not None]
    return tidied(application(edge, [*routers, message_routes({}, LocalBus())]).openapi())
