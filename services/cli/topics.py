"""`cordon topics create`: the topics of a site on its Kafka, made or looked at."""

import asyncio
import json
import sys
from collections.abc import Callable, Sequence

import click

from infra.service import Service
from infra.settings import from_environment
from schemas.agencies import agencies


@click.group()
def topics() -> None:
    """The topics that services and agencies meet on."""


@topics.command("create", epilog="Example: CORDON_KAFKA=kafka-1.example.org:9092 cordon topics create")
@click.option("--replicas", default=3, show_default=True, type=click.IntRange(1), help="How many brokers keep each.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
@click.pass_obj
def create(all_services: Callable[[], Sequence[Service]], replicas: int, *, as_json: bool) -> None:
    """Make the topics of CORDON_SITE on CORDON_KAFKA, and look at those that are there. Changes none.

    Exits 1 if one of them is not as it must be: services refuse to publish to it.
    """
    from infra.bus.kafka.client import Kafka
    from infra.bus.kafka.topics import create as make
    from infra.bus.kafka.topics import topics as wanted

    settings = from_environment()
    if not settings.kafka:
        raise ValueError("CORDON_KAFKA must say where Kafka is: host:port, with commas between")
    names, codes = [service.name for service in all_services()], list(agencies())
    created = asyncio.run(make(Kafka(settings.kafka), settings.site, names, codes, replicas))
    if as_json:
        wrong = [
            {"topic": one.topic, "setting": one.setting, "is": one.is_, "wanted": one.wanted} for one in created.wrong
        ]
        click.echo(json.dumps({"made": created.made, "right": created.right, "wrong": wrong}))
    else:
        for topic in wanted(settings.site, names, codes):
            faults = [str(one) for one in created.wrong if one.topic == topic]
            click.echo(f"{topic:<40} {_said(faults, is_made=topic in created.made)}")
    sys.exit(1 if created.wrong else 0)


def _said(faults: Sequence[str], *, is_made: bool) -> str:
    if faults:
        return f"wrong: {'; '.join(faults)}"
    return "made" if is_made else "is right"
