"""The Dockerfile: what it installs is locked, what it ends in is small, closed and nobody's root."""

import json
import re
import tomllib
from fnmatch import fnmatch
from typing import Final

from tests.house.compose import composed, containers, mounts
from tests.house.tree import CODE, REPOSITORY

Instruction = tuple[str, str]

TEXT: Final = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
WRITTEN: Final[list[Instruction]] = [
    (words.partition(" ")[0], words.partition(" ")[2].strip())
    for words in re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", TEXT, flags=re.MULTILINE)).splitlines()
    if words
]
STAGES: Final = [index for index, (name, _) in enumerate(WRITTEN) if name == "FROM"]
LAST: Final = WRITTEN[STAGES[-1] :]


def those(name: str, instructions: list[Instruction] | None = None) -> list[str]:
    return [said for one, said in (WRITTEN if instructions is None else instructions) if one == name]


def test_what_it_stands_on_is_pinned_once_by_version_and_digest() -> None:
    first, *others = those("FROM")

    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-bookworm@sha256:[0-9a-f]{64} AS python", first)
    assert ["python AS built", "python"] == others


def test_what_is_installed_is_what_the_lock_file_says_by_hash() -> None:
    fetching, offline = (said for said in those("RUN") if " install " in said and "pip" in said)

    assert "requirements.lock ./" in those("COPY")
    assert fetching.endswith("--require-hashes --requirement requirements.lock")
    assert "--only-binary :all:" in fetching
    assert offline.startswith("--network=none ")
    assert offline.endswith("--no-deps --no-build-isolation --no-index .")


def test_every_package_of_the_project_is_copied_and_let_through() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    found = project["tool"]["setuptools"]["packages"]["find"]["include"]
    copied = {place for said in those("COPY") if not said.startswith("--from=") for place in _sources(said)}
    let_through = {line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line[0] == "!"}

    assert {f"{name}*" for name in CODE} == set(found)
    assert set(CODE) <= copied
    assert all((REPOSITORY / place).exists() for place in copied)
    assert let_through == {place.partition("/")[0] for place in copied}
    assert not any(fnmatch(".env", pattern) for pattern in let_through)


def _sources(said: str) -> list[str]:
    return [word for word in said.split()[:-1] if not word.startswith("--")]


def test_it_ends_in_a_user_of_its_own_with_nothing_to_build_with() -> None:
    (user,) = those("USER", LAST)

    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    assert f"--uid {user.partition(':')[0]} " in those("RUN", LAST)[0]
    assert not re.search(r"apt|gcc|pip|curl|wget", " ".join(those("RUN", LAST)))
    assert ["--from=built /opt/cordon /opt/cordon"] == [said for said in those("COPY", LAST) if "--from" in said]


def test_it_writes_no_bytecode_and_says_whether_it_answers() -> None:
    (check,) = those("HEALTHCHECK", LAST)
    command = json.loads(check.partition("CMD ")[2])

    assert "PYTHONDONTWRITEBYTECODE=1" in those("ENV", LAST)[0]
    assert ["cordon"] == json.loads(those("ENTRYPOINT", LAST)[0])
    assert ["python", "-c"] == command[:2]
    assert "http://127.0.0.1:8000/health/liveness" in command[2]
    compile(command[2], "HEALTHCHECK", "exec")


def test_there_is_no_secret_and_no_argument_that_could_be_one() -> None:
    assert [] == those("ARG")
    assert not re.search(r"password|secret|token", TEXT, re.IGNORECASE)


def test_whatever_is_mounted_has_a_closed_place_that_is_the_users() -> None:
    """A new volume takes over the owner and the mode of the directory that it is mounted at."""
    made = those("RUN", LAST)[0]
    places = {place for one in containers(composed()).values() if "build" in one for place in mounts(one)}

    assert "install --directory --mode 0700 --owner 10001 --group 10001" in made
    for place in places:
        assert place in made or place.startswith("/srv/cordon/keys-of/"), place
    assert 'own "/srv/cordon/keys-of/$service"' in made
