"""`cordon play`: the stories, played on services that others run, such as containers."""

import json
import signal
import sys
import time
from threading import Event
from typing import Final

import click

from infra.settings import from_environment
from infra.web.server import STOPPED_BY
from services.cli.demo import CREDENTIALS, ISSUER

LOOK_SECONDS: Final = 0.2
START_SECONDS_MAX: Final = 180.0
"""How long services may take to come up: they wait for each other's databases and topics."""


@click.command(epilog="Example: CORDON_DATA=cordon-data cordon play --base http://127.0.0.1:8000")
@click.option("--base", required=True, envvar="CORDON_DEMO_BASE", show_envvar=True, help="Where the services answer.")
@click.option("--speed", default=1.0, show_default=True, type=click.FloatRange(0.1, 1000), help="How fast to play.")
def play(base: str, speed: float) -> None:
    """Play the stories against the services at --base; exit 0 only if every expected outcome was seen.

    The secrets of its invented agencies and workers are those that `cordon demo-issuer` made in the directory of
    CORDON_DATA; CORDON_TOKEN_URL says where it gives their tokens, if that is not at --base.
    """
    from demo.client import TOKEN_PATH, Api
    from demo.run import play as played

    settings = from_environment()
    secrets = json.loads((settings.data / CREDENTIALS).read_bytes())
    ended = Event()
    for number in STOPPED_BY:
        signal.signal(number, lambda *_: ended.set())
    deadline = time.monotonic() + START_SECONDS_MAX
    with Api(base, ISSUER, "") as api:
        while not (api.is_well() or time.monotonic() > deadline):
            if ended.wait(LOOK_SECONDS):
                sys.exit(1)
    is_seen = played(base, secrets, speed, ended.is_set, token_url=settings.token_url or TOKEN_PATH)
    sys.exit(0 if is_seen else 1)
