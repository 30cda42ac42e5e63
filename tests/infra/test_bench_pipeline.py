"""`cordon bench pipeline` runs and says what it measured. Timings are judged nowhere: the machine is never quiet."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError

from infra.bench.figures import BenchReport
from infra.bench.pipeline import run
from infra.bench.table import text
from infra.bench.way import BrokenError, Way
