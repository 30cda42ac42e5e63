"""The tools are as strict as they are said to be: bans bite and name their replacement, warnings and strangers fail."""

import socket
import subprocess
import sys
import tomllib
import warnings
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from tests.house.tree import REPOSITORY

_RUFF: Final = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]
BANS: Final[dict[str, str]] = {
    name: ban["msg"] for name, ban in _RUFF["lint"]["flake8-tidy-imports"]["banned-api"].items()
}
AS_WRITTEN: Final = {
    "datetime.date.today": "from datetime import date\ndate.today()\n",
    "datetime.datetime.now": "from datetime import UTC, datetime\ndatetime.now(UTC)\n",
    "datetime.datetime.today": "from datetime import datetime\ndatetime.today()\n",
    "datetime.datetime.utcnow": "from datetime import datetime\ndatetime.utcnow()\n",
    "random": "from random import choice\n",
    "secrets": "import secrets\n",
    "sqlalchemy.orm": "from sqlalchemy.orm import Session\n",
    "time.time": "import time\ntime.time()\n",
    "uuid.uuid4": "import uuid\nuuid.uuid4()\n",
}
"""How people write it; the other bans are of functions and classes, imported by name."""


def refused(root: Path, name: str, text: str) -> str:
    """What ruff says about the bans, by the repository's own settings, of a file in a throw-away tree."""
    (root / "pyproject.toml").write_text((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID251", name]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("name", BANS)
def test_each_ban_bites_and_names_its_replacement(name: str, tmp_path: Path) -> None:
    package, _, thing = name.rpartition(".")
    said = refused(tmp_path, "services/gate.py", AS_WRITTEN.get(name, f"from {package} import {thing}\n"))

    assert f"`{name}` is banned: {BANS[name]}" in said


def test_no_ban_got_lost() -> None:
    assert set(AS_WRITTEN) <= set(BANS)


def test_the_ports_alone_may_ask_for_time_and_chance(tmp_path: Path) -> None:
    assert "All checks passed!" in refused(tmp_path, "infra/clock.py", AS_WRITTEN["datetime.datetime.now"])
    assert "All checks passed!" in refused(tmp_path, "infra/entropy.py", AS_WRITTEN["random"])
    assert "TID251" in refused(tmp_path, "infra/host.py", AS_WRITTEN["datetime.datetime.now"])


def test_every_ignored_rule_has_its_reason() -> None:
    lines = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8").partition("[tool.ruff.lint]")[2].splitlines()
    ignored = {*_RUFF["lint"]["ignore"], *chain.from_iterable(_RUFF["lint"]["per-file-ignores"].values())}
    explained = {rule for rule in ignored for line in lines if f'"{rule}"' in line and "# " in line}

    assert ignored == explained


def test_a_warning_is_an_error() -> None:
    with pytest.raises(UserWarning, match="careful"):
        warnings.warn("careful", stacklevel=1)


def test_nothing_but_this_machine_is_reached() -> None:
    with socket.socket() as stranger, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
        stranger.connect(("192.0.2.1", 80))
