"""One actor as a process of its own: `python -m demo.actor --base URL --story NAME --as ACTOR --speed 50`.

Its credentials come from the environment: CORDON_DEMO_ID and CORDON_DEMO_SECRET.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from typing import Final

from demo.client import TOKEN_PATH, Api, RefusedError, ServerAwayError
from demo.step import Pace, StuckError, Turn, wait
from demo.stories import BY_NAME
from demo.story import Actor

ID: Final = "CORDON_DEMO_ID"
SECRET: Final = "CORDON_DEMO_SECRET"  # noqa: S105 - the name of a variable


def perform(actor: Actor, story: str, api: Api, pace: Pace) -> None:
    """Say every step, each when its moment has come. Raises RefusedError, ServerAwayError or StuckError."""
    for step in actor.steps:
        context = wait(step, api, pace)
        time.sleep(pace.pause_seconds)
        turn = Turn(api=api, key=f"{story}/{actor.name}/{step.name}", pace=pace, passing=step.passing)
        try:
            step.do(turn, context)
        except (RefusedError, StuckError) as error:
            raise StuckError(f"{step.name}: {error}") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """0 once every step is said; 1, with a line that says why, if one cannot be."""
    given = _parser().parse_args(arguments)
    if given.at_sign and not sys.stdin.readline():
        return 0  # whoever would have given the sign is gone
    pace = Pace(speed=given.speed)
    actor = BY_NAME[given.story].actor(given.actor)
    try:
        with Api(given.base, os.environ[ID], os.environ[SECRET], token_url=given.token_url) as api:
            perform(actor, given.story, api, pace)
    except (RefusedError, ServerAwayError, StuckError) as error:
        sys.stderr.write(f"{actor.name}: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo.actor", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--base", required=True, help="where the server is, such as http://127.0.0.1:8000")
    parser.add_argument("--story", required=True, choices=sorted(BY_NAME))
    parser.add_argument("--as", dest="actor", required=True, help="the actor's name in the story")
    parser.add_argument("--speed", type=float, default=1.0, help="1 can be followed, 50 takes seconds")
    parser.add_argument("--token-url", default=TOKEN_PATH, help="where tokens are given, if not by that server")
    parser.add_argument("--at-sign", action="store_true", help="begin when a line comes in on the standard input")
    return parser


if __name__ == "__main__":
    sys.exit(main())
