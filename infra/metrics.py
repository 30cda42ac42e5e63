"""Metrics, declared in one place: what is counted is codes and numbers, and no label can name a person.

What they mean, and what to do about them, is told in docs/operations.md.
"""

from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
LATE_SECONDS: Final = (0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0)

_HEARING: Final = ("service", "source")


class Metrics:
    """The metrics of one process, in a registry of their own. Gauges say what was so when they were set last: whoever
    shows them has them set before (`Host.measure`).
    """

    def __init__(self) -> None:
        # When something happened for the first time is nobody's business (SR-16).
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no type for it
        registry = self._registry = CollectorRegistry()

        def counter(name: str, help: str, *labels: str) -> Counter:
            return Counter(name, help, labels, registry=registry)

        def gauge(name: str, help: str, *labels: str) -> Gauge:
            return Gauge(name, help, labels, registry=registry)

        self.asked: Final = counter("cordon_commands", "Commands that were decided.", "service", "outcome")
        self.heard: Final = counter("cordon_messages_heard", "Messages that were acted on.", *_HEARING)
        self.lag: Final = gauge(
            "cordon_lag_messages", "Messages that the source is known to have said and were not acted on.", *_HEARING
        )
        self.lag_seconds: Final = gauge(
            "cordon_lag_seconds", "For how long the service has been behind what is known of the source.", *_HEARING
        )
        self.stalled: Final = gauge(
            "cordon_stalled",
            "1 where there is something to hear, nothing stops it, and nothing moves.",
            *_HEARING,
        )
        self.stopped: Final = gauge(
            "cordon_stopped", "1 where a message of the source cannot be acted on: people must see to it.", *_HEARING
        )
        self.retries: Final = counter("cordon_retries", "Attempts that failed and are repeated.", *_HEARING)
        self.opened: Final = counter("cordon_openings", "Times that personal data was opened.", "service")
        self.relayed: Final = counter("cordon_messages_relayed", "Messages that were published.", "service")
        self.relay_lag: Final = gauge(
            "cordon_relay_lag_messages", "Messages of our own that are not known to be on the topic.", "service"
        )
        self.relay_publishing: Final = gauge(
            "cordon_relay_publishing", "1 where the relay can publish, 0 where it cannot.", "service"
        )
        self.reader_live: Final = gauge(
            "cordon_reader_live", "1 where the topic of the source is read, 0 where the source is asked.", "source"
        )
        self.fetched: Final = counter(
            "cordon_messages_fetched", "Messages that the topic did not bring in time, asked of the source.", "source"
        )
        self.odd_records: Final = counter(
            "cordon_odd_records", "Records that are not what their topic should hold.", "topic", "code"
        )
        self.broker_failures: Final = counter(
            "cordon_broker_failures", "Times that a topic could not be used.", "topic"
        )
        self.ready: Final = gauge("cordon_ready", "1 where /health/readiness finds nothing amiss.", "service")
        self.writable: Final = gauge(
            "cordon_database_writable", "1 where the journal could be written when that was last tried.", "service"
        )
        self.waiting: Final = gauge("cordon_writer_waiting_jobs", "Jobs that wait for the one writer.", "service")
        late = "How late the event loop comes to what was due, looked at every second."
        self.late: Final = Histogram("cordon_loop_late_seconds", late, buckets=LATE_SECONDS, registry=registry)
        took = "How long requests took, by the pattern of their address."
        self.seconds: Final = Histogram("cordon_request_seconds", took, ["route", "status"], registry=registry)

    def shown(self) -> bytes:
        """The exposition format of Prometheus."""
        return generate_latest(self._registry)
