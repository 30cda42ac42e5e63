"""Metrics, declared in one place: what is counted is codes and numbers, and no label can name a person."""

from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._registry: Final = registry
        self.asked: Final = Counter("cordon_commands", "Commands decided.", ["service", "outcome"], registry=registry)
        self.heard: Final = Counter(
            "cordon_messages_heard", "Messages heard.", ["service", "source"], registry=registry
        )
        self.lag: Final = Gauge(
            "cordon_lag_messages", "Messages not heard yet.", ["service", "source"], registry=registry
        )
        self.stopped: Final = Gauge(
            "cordon_stopped", "1 where a source is stopped.", ["service", "source"], registry=registry
        )
        self.retries: Final = Counter("cordon_retries", "Attempts repeated.", ["service", "source"], registry=registry)
        self.opened: Final = Counter("cordon_openings", "Openings of personal data.", ["service"], registry=registry)
        self.relayed: Final = Counter("cordon_messages_relayed", "Messages published.", ["service"], registry=registry)
        self.fetched: Final = Counter(
            "cordon_messages_fetched", "Messages a topic did not bring in time.", ["source"], registry=registry
        )
        self.odd_records: Final = Counter(
            "cordon_odd_records", "Records that are not what a topic should hold.", ["topic", "code"], registry=registry
        )
        self.broker_failures: Final = Counter(
            "cordon_broker_failures", "Times that a topic could not be used.", ["topic"], registry=registry
        )
        self.seconds: Final = Histogram("cordon_request_seconds", "Requests.", ["route", "status"], registry=registry)

    def shown(self) -> bytes:
        """The exposition format of Prometheus."""
        return generate_latest(self._registry)
