"""A desk at which nobody sits: for whoever needs to know which routes a service has, and never calls one."""

from typing import Final, Never, cast

from infra.web.desk import Desk


class _Nobody:
    def __getattr__(self, name: str) -> Never:
        raise AssertionError(f"a route asked its desk for `{name}`, where routes are only looked at")


NOBODY: Final[Desk] = cast("Desk", _Nobody())
"""`service.routes(NOBODY)`: its paths and what OpenAPI says of them. Raises AssertionError if it is asked anything."""
