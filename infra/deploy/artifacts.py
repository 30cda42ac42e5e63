"""What a Kafka node is made of: its jars, fetched with Maven once and kept, and a Java that is new enough."""

import fcntl
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

VERSION: Final = "4.1.1"
"""As in the POM."""
JARS: Final = Path(__file__).resolve().parents[2] / "build" / f"kafka-{VERSION}"
"""Where its jars are kept once they were fetched: 46 files, 43 MB."""

JAVA_MIN: Final = 17
FETCH_SECONDS_MAX: Final = 600
LINES_SHOWN: Final = 12

_POM: Final = Path(__file__).with_name("kafka.pom.xml")
_COPY: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.7.1:copy-dependencies"


class CannotStartError(Exception):
    """Kafka cannot be started here: the sentence says why."""


def why_not(jars: Path = JARS) -> str | None:
    """Why Kafka cannot be started here, in words; None where it can. Fetches nothing: as quick as `java -version`."""
    java = shutil.which("java")
    if java is None:
        return f"there is no java; Kafka {VERSION} needs Java {JAVA_MIN} or newer"
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603 - no one else's
    version = re.search(r'version "(?:1\.)?(\d+)', said.stderr)
    if version is None:
        return f"java does not say which version it is; Kafka {VERSION} needs Java {JAVA_MIN} or newer"
    if int(version.group(1)) < JAVA_MIN:
        return f"java is version {version.group(1)}; Kafka {VERSION} needs Java {JAVA_MIN} or newer"
    if not _are_there(jars) and shutil.which("mvn") is None:
        return f"there is no mvn to fetch Kafka {VERSION} with, and it is not in {jars} yet"
    return None


def artifacts(jars: Path = JARS) -> Path:
    """The directory of Kafka's jars, fetched with Maven the first time, which takes about ten seconds.

    It is filled under another name and then renamed, so that nobody ever sees half of it; whoever comes meanwhile
    waits. Raises CannotStartError where Java or Maven is missing, and where Maven fails, with its last lines.
    """
    if reason := why_not(jars):
        raise CannotStartError(f"Kafka cannot be started: {reason}")
    if not _are_there(jars):
        try:
            jars.parent.mkdir(parents=True, exist_ok=True)
            with jars.with_name(f"{jars.name}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not _are_there(jars):
                    _fetch(jars)
        except OSError as error:
            raise CannotStartError(f"Kafka cannot be kept in {jars}: {error.strerror or error}") from error
    return jars


def _are_there(jars: Path) -> bool:
    return (jars / f"kafka_2.13-{VERSION}.jar").exists()


def _fetch(jars: Path) -> None:
    part = jars.with_name(f"{jars.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    words = ["mvn", "-q", "-B", "-f", str(_POM), _COPY, "-DincludeScope=runtime", f"-DoutputDirectory={part.resolve()}"]
    try:
        run_to_end(words, FETCH_SECONDS_MAX, "Maven cannot fetch Kafka")
    except CannotStartError:
        shutil.rmtree(part, ignore_errors=True)
        raise
    part.rename(jars)


def run_to_end(
    words: Sequence[str], seconds_max: float, failure: str, environment: Mapping[str, str] | None = None
) -> None:
    """Run it to its end. Raises CannotStartError with its last lines if that is not a good one."""
    try:
        subprocess.run(  # noqa: S603 - words of our own
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=True,
            timeout=seconds_max,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        raise CannotStartError(f"{failure}: not done after {seconds_max:g} seconds") from None
    except subprocess.CalledProcessError as error:
        raise CannotStartError(f"{failure}: {last_lines(error.stdout)}") from None


def last_lines(said: str) -> str:
    """Without the frames of Java's stack traces."""
    lines = [line for line in said.splitlines() if line.strip() and not line.startswith("\tat ")]
    return "\n".join(lines[-LINES_SHOWN:])
