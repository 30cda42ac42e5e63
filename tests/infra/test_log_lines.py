"""One line for each thing handled, with declared fields alone; and nobody is named in any, whatever fails."""

import ast
import asyncio
import json
import logging
import subprocess
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any, Final

import pytest

from infra.logs import AGAIN_SECONDS, FIELDS, LINES, Libraries, configure, log
from infra.sealing.keys import init_keys
from infra.service import Ask, Heard, Known, Note
from infra.web.server import listening
from tests.house.tree import REPOSITORY, python_files
from tests.infra.whole import Whole
from tests.installation import SERVICES
from tests.kafka.village import serving
from tests.kernel.parish.journals import book
from tests.kernel.parish.running import heard
from tests.kernel.parish.services import SEXTON
from tests.kernel.parish.town import SERVED, town
from tests.walls.canaries import MARK, caught, net, word

OPERATIONS: Final = REPOSITORY / "docs/operations.md"
WORD: Final = word("said where it must not be")
TELEPHONE: Final = "07700 900123"
LIBRARIES: Final = ("aiokafka.conn", "asyncio", "httpx", "httpcore.http11", "uvicorn.error", "sqlalchemy.pool")


class Said:
    """What was logged, and what came to standard error instead."""

    def __init__(self, to: StringIO, others: pytest.CaptureFixture[str]) -> None:
        self._to: Final = to
        self._others: Final = others

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines, without when they were written."""
        lines = [json.loads(line) for line in self._to.getvalue().splitlines()]
        return [{name: value for name, value in line.items() if name != "timestamp"} for line in lines]

    @property
    def whole(self) -> str:
        """Every byte, wherever it went. To be asked once."""
        return self._to.getvalue() + "".join(self._others.readouterr())


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Iterator[Said]:
    """Our log at its loudest."""
    to = StringIO()
    undo = configure(as_json=True, level="DEBUG", to=to)
    try:
        yield Said(to, capsys)
    finally:
        undo()


def fails() -> None:
    """Somebody's words are in what it raises."""
    raise ValueError(WORD)


def calls_of_log() -> Iterator[tuple[str, ast.Call]]:
    """Every `log(...)` of the product, and where it stands."""
    for path in python_files(REPOSITORY, "infra", "services"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "log":
                yield f"{path.relative_to(REPOSITORY)}:{node.lineno}", node


def test_every_line_and_every_field_that_is_written_is_declared() -> None:
    amiss = []
    for place, call in calls_of_log():
        (line,) = call.args
        declared = isinstance(line, ast.Constant) and line.value in LINES
        fields = {keyword.arg for keyword in call.keywords} - {None, "level"}
        if not declared or not fields <= FIELDS:
            amiss.append(place)

    assert [] == amiss


def test_nothing_is_declared_that_nobody_writes() -> None:
    calls = [call for _, call in calls_of_log()]
    lines = {line.value for call in calls for line in call.args if isinstance(line, ast.Constant)}
    fields = {keyword.arg for call in calls for keyword in call.keywords}

    assert LINES == lines
    assert {"event", "timestamp"} == FIELDS - fields


def test_a_field_that_is_not_declared_is_not_written(said: Said) -> None:
    log("asked", service="intake", name=WORD, event_of=WORD)

    assert [{"event": "asked", "level": "info", "service": "intake"}] == said.lines


def test_no_line_of_a_whole_installation_names_anybody(whole: Whole) -> None:
    """Told, refused, malformed, attacked, and while databases fail and services are away."""
    assert [] == caught(net(whole.canaries), {"lines": whole.logged})
    assert b"" == whole.elsewhere
    assert {503, 500} & set(whole.statuses) == {503}
    assert any(line["event"] == "failed" for line in whole.lines)


def test_lines_of_a_whole_installation_have_declared_names_and_fields_alone(whole: Whole) -> None:
    assert {line["event"] for line in whole.lines} <= LINES
    assert {name for line in whole.lines for name in line} <= FIELDS


def test_each_request_has_one_line_and_each_service_says_when_it_starts_and_ends(whole: Whole) -> None:
    lines = Counter(line["event"] for line in whole.lines)
    names = [service.name for service in SERVICES]

    assert len(whole.statuses) <= lines["served"] <= len(whole.statuses) + 2  # the metrics at the end are not counted
    assert names == [line["service"] for line in whole.lines if line["event"] == "started"]
    assert names == [line["service"] for line in whole.lines if line["event"] == "ended"]
    assert lines["asked"] > 0
    assert lines["heard"] > 0


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_a_library_says_is_a_line_without_its_words(said: Said, library: str) -> None:
    logger = logging.getLogger(library)
    try:
        fails()
    except ValueError:
        logger.exception("cannot reach %s", WORD)
    logger.warning("of %s", TELEPHONE, extra={"name_of": WORD})
    logger.info("quietly %s", WORD)
    lines, whole = said.lines, said.whole

    assert [("error", "ValueError"), ("warning", None)] == [(line["level"], line.get("error")) for line in lines]
    assert [("warned", library, 1)] * 2 == [(line["event"], line["library"], line["times"]) for line in lines]
    assert all(line["at"].startswith("test_log_lines.py:") for line in lines)
    assert set() == {one for one in (MARK, TELEPHONE) if one in whole}


def test_what_a_library_says_again_and_again_is_counted(said: Said) -> None:
    now = 0.0
    handler = Libraries(lambda: now)
    logger = logging.getLogger("aiokafka.conn")
    logging.getLogger().handlers[:] = [handler]
    for number in range(50):
        now = number * AGAIN_SECONDS / 20
        logger.warning("no broker at %s", number)

    assert [1, 20, 20] == [line["times"] for line in said.lines]


def test_what_nobody_caught_is_a_line_without_its_words(said: Said) -> None:
    thread = threading.Thread(target=fails)
    thread.start()
    thread.join()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning(WORD, UserWarning, f"/somewhere/{MARK}/file.py", 7)
    try:
        fails()
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    lines, whole = said.lines, said.whole

    assert [("error", "ValueError"), ("warning", "UserWarning"), ("error", "ValueError")] == [
        (line["level"], line["error"]) for line in lines
    ]
    assert {"warned"} == {line["event"] for line in lines}
    assert MARK not in whole
    assert "cordon: ValueError at test_log_lines.py" in whole


async def test_a_task_that_failed_and_that_nobody_asked_is_a_line_without_its_words(said: Said) -> None:
    async def does() -> None:
        fails()

    task = asyncio.create_task(does())
    await asyncio.wait({task})
    del task
    await asyncio.sleep(0)
    (line,) = said.lines

    assert ("warned", "error", "asyncio", "ValueError") == (
        line["event"],
        line["level"],
        line["library"],
        line["error"],
    )
    assert MARK not in said.whole


def test_a_log_that_cannot_be_written_disturbs_nobody() -> None:
    """A full disk: nothing that is done fails for want of a line about it."""
    full = Path("/dev/full").open("w")  # noqa: SIM115 - what was not written cannot be written as it is closed either
    undo = configure(as_json=True, to=full)
    try:
        log("asked", service="intake")
    finally:
        undo()
        with suppress(OSError):
            full.close()
    closed = StringIO()
    closed.close()
    undo = configure(as_json=True, to=closed)
    try:
        log("asked", service="intake")
    finally:
        undo()


async def test_a_reaction_that_raises_what_it_read_tells_its_kind_alone(tmp_path: Path, said: Said) -> None:
    def react(heard: Heard, known: Known) -> Sequence[Note | Ask]:
        raise LookupError(heard.raw.decode(), known, WORD)

    init_keys(tmp_path / "keys")
    async with town(tmp_path / "site", tmp_path / "keys", SERVED, replace(SEXTON, react=react)) as served:
        book(served.journal, f"hall-{WORD}")

        assert not await heard(served.host.runners["sexton"], 1)

    (stopped,) = [line for line in said.lines if line["event"] == "stopped"]

    assert ("LookupError", 1) == (stopped["code"], stopped["number"])
    assert MARK not in said.whole


async def test_a_route_that_raises_and_a_request_that_is_none_leave_no_word(tmp_path: Path, said: Said) -> None:
    """Through the real server, which has much to say of its own."""
    init_keys(tmp_path / "keys")
    async with (
        town(tmp_path / "site", tmp_path / "keys", safe=False) as edge,
        serving(edge.host.app, listening("127.0.0.1", 0)) as base,
    ):
        port = int(base.rpartition(":")[2])
        token = f"Authorization: Bearer {edge.token()}\r\nIdempotency-Key: {WORD}\r\n"
        for request in (
            f"POST /halls/{WORD}/collapse HTTP/1.1\r\nHost: h\r\n{token}Content-Length: 0\r\nConnection: close\r\n\r\n",
            f"{WORD} {TELEPHONE}\r\n\r\n",
            f"GET /halls HTTP/1.1\r\nHost: h\r\nContent-Length: {WORD}\r\n\r\n",
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request.encode())
            await reader.read()
            writer.close()
            await writer.wait_closed()
    failed, whole = [line for line in said.lines if line.get("status") == 500], said.whole

    assert [("/halls/{name}/collapse", "ZeroDivisionError")] == [(line["route"], line["error"]) for line in failed]
    assert "hall.py:" in failed[0]["at"]
    assert set() == {one for one in (MARK, TELEPHONE) if one in whole}


def test_a_process_that_fails_at_its_start_says_where_and_no_more() -> None:
    """In a process of its own: standard error has the line and nothing beside it."""
    program = f"""
import logging
from infra.logs import configure
configure(as_json=True)
logging.getLogger("aiokafka").error("{WORD}")
raise RuntimeError("{WORD}")
"""
    ended = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in ended.stderr.splitlines()]

    assert 1 == ended.returncode
    assert [("warned", "aiokafka", None), ("warned", "python", "RuntimeError")] == [
        (line["event"], line["library"], line.get("error")) for line in lines
    ]
    assert MARK not in ended.stderr + ended.stdout


def test_what_each_line_and_field_means_is_told() -> None:
    told = OPERATIONS.read_text(encoding="utf-8")

    assert [] == [name for name in sorted(LINES | FIELDS) if f"`{name}`" not in told]
