"""Which service owns which path, from the services' own routes, so that nobody keeps a table of them."""

from collections.abc import Sequence
from typing import Final

import msgspec
from fastapi import APIRouter, FastAPI, Security
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from infra.service import Service
from infra.web.app import BEARER
from infra.web.nobody import NOBODY

_STEPS: Final = frozenset({".", ".."})


class Owners:
    """The routes of every service that has some. None of them is ever called here."""

    def __init__(self, services: Sequence[Service]) -> None:
        self._routers: Final[dict[str, APIRouter]] = {
            service.name: service.routes(NOBODY) for service in services if service.routes is not None
        }
        self._routes: Final[list[tuple[str, BaseRoute]]] = [
            (name, route) for name, router in self._routers.items() for route in router.routes
        ]
        self.names: Final[tuple[str, ...]] = tuple(self._routers)

    def of(self, scope: Scope) -> tuple[str, BaseRoute] | None:
        """The owner of what is asked, and its route; None where nobody is.

        As Starlette's router chooses: the first route for path and method; else the first for the path, whose owner
        then says which methods there are. A step up or down is nobody's: no reference of ours looks like one, and
        what stands between here and a service might follow it to where only services may go.
        """
        if not scope["raw_path"].startswith(b"/") or not _STEPS.isdisjoint(scope["path"].split("/")):
            return None
        other_method = None
        for name, route in self._routes:
            match, _ = route.matches(scope)
            if match is Match.FULL:
                return name, route
            if match is Match.PARTIAL and other_method is None:
                other_method = name, route
        return other_method

    def document(self, title: str, own: Sequence[APIRouter]) -> bytes:
        """The OpenAPI document of all services and of the routers that are served here."""
        described = FastAPI(title=title, version="0.1.0", description="All services at one address.")
        for router in (*own, *self._routers.values()):
            described.include_router(router, dependencies=[Security(BEARER)])
        return msgspec.json.encode(described.openapi())
