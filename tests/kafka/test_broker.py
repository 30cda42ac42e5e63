"""A node of our own: what it acknowledged it still has after it was stopped or killed, and it never outlives us."""

import asyncio

from infra.bus.kafka.client import Kafka, partition
from infra.deploy.broker import Broker


async def test_smoke(own_broker: Broker, site: str) -> None:
    await asyncio.to_thread(own_broker.kill)
    await asyncio.to_thread(own_broker.start)
async def test_smoke2(kafka, site: str) -> None:
    print(kafka, site)
