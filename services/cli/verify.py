"""`cordon verify PATH`: every journal of a data directory examined by reading alone, and held against each other."""

import sys
from pathlib import Path
from typing import Final

import click
import msgspec

from infra.journal.across import Witnessed
from infra.verify import Verification
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
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
def verify(path: Path, *, as_json: bool) -> None:
    """Check the journals in PATH, a data directory or one journal: order, chains, numbers, what was heard of whom.

    Reads only, also beside services at work. Exits 1 if anything is not as it must be, and names each such thing.
    """
    try:
        verification = examine(path, witnesses=WITNESSES, progress=_shown)
    except FileNotFoundError as error:
        raise click.ClickException(str(error)) from None
    finally:
        _shown("", 0, 0)
    if as_json:
        click.echo(msgspec.json.encode(verification).decode())
    else:
        _say(verification)
    sys.exit(0 if verification.is_intact else 1)


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
