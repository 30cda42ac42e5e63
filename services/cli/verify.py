"""`cordon verify PATH`: every journal of a data directory examined by reading alone, and held against each other.

`--against OTHER`: whether another run with the same input came to the same history.
"""

import sys
from collections.abc import Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import Final

import click
import msgspec

from infra.journal.across import Witnessed
from infra.likeness import UnreadableError, alike, journals_at
from infra.verify import FINDINGS_MAX, Finding, Verification
from infra.verify import verify as examine
from schemas.audit import MessageWitnessed
from schemas.event import Event


def testified(event: Event) -> Witnessed | None:
    """What audit's journal says of another service's message."""
    if not isinstance(event, MessageWitnessed):
        return None
    return Witnessed(event.service, event.number, event.hash, event.record.encode())


WITNESSES: Final = {MessageWitnessed.TYPE: testified}


@click.command(epilog="Example: cordon verify cordon-data")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--against",
    "other",
    metavar="OTHER",
    help="Compare with another run of the same input: a data directory, or a database URL with {service} in it.",
)
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
def verify(path: Path, *, other: str | None, as_json: bool) -> None:
    """Check the journals in PATH, a data directory or one journal: order, chains, numbers, what was heard of whom.

    Reads only, also beside services at work. Exits 1 if anything is not as it must be, and names each such thing.
    """
    try:
        if other is not None:
            _compare(path, other, as_json=as_json)
        verification = examine(path, witnesses=WITNESSES, progress=_shown)
    except (FileNotFoundError, UnreadableError) as error:
        raise click.ClickException(str(error)) from None
    finally:
        _shown("", 0, 0)
    if as_json:
        click.echo(msgspec.json.encode(verification).decode())
    else:
        _say(verification)
    sys.exit(0 if verification.is_intact else 1)


def _compare(path: Path, other: str, *, as_json: bool) -> None:
    """Says in what the two runs differ, and exits: 0 if in nothing."""
    ours = journals_at(str(path))
    differences = alike(ours, journals_at(other, ours), witnesses=WITNESSES)
    if as_json:
        click.echo(msgspec.json.encode(differences).decode())
    else:
        _say_differences(differences)
    sys.exit(1 if differences else 0)


def _say_differences(differences: Sequence[Finding]) -> None:
    """The first of each journal: where one thing differs, what follows from it often does as well."""
    for journal, found in groupby(sorted(differences, key=_journal), _journal):
        for difference in islice(found, FINDINGS_MAX):
            click.echo(f"! {difference}")
        if more := sum(1 for _ in found):
            click.echo(f"! {journal}: and {more} more")
    if differences:
        click.echo(f"Not alike: {len(differences)} difference{'s' if len(differences) > 1 else ''}.")
    else:
        click.echo("Alike: the same input came to the same history.")


def _journal(finding: Finding) -> str:
    return finding.journal


def _say(verification: Verification) -> None:
    for journal in verification.journals:
        click.echo(f"{journal.journal:<16} {journal.records:>10} records  {journal.messages:>8} messages")
    for finding in verification.findings:
        click.echo(f"! {finding}")
    if verification.is_intact:
        click.echo("Intact: every record is in its place and every chain holds.")
    else:
        click.echo(
            f"Not intact: {len(verification.findings)} findings. Keep these files as they are, and ask for help."
        )


def _shown(what: str, done: int, total: int) -> None:
    """Progress on a terminal; nothing where somebody else reads."""
    if sys.stderr.isatty():
        percent = 100 * done // total if total else 100
        click.echo(f"\r{what:<40} {percent:>3} %" if total else "\r" + " " * 46 + "\r", nl=False, err=True)
