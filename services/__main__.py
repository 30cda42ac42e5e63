"""The `cordon` command: the only module that imports every service."""

import sys

import click

from infra.service import Service
from services.cli.bench import bench
from services.cli.demo import demo
from services.cli.demo_issuer import demo_issuer
from services.cli.front import front
from services.cli.play import play
from services.cli.rebuild import rebuild
from services.cli.serve import keys, serve
from services.cli.topics import topics
from services.cli.verify import verify


def all_services() -> tuple[Service, ...]:
    """Every service there is. A new one is its package and its line here."""
    from services.audit.service import AUDIT
    from services.casework.service import CASEWORK
    from services.disruption.service import DISRUPTION
    from services.intake.service import INTAKE
    from services.notifications.service import NOTIFICATIONS
    from services.victim_liaison.service import VICTIM_LIAISON

    return (INTAKE, CASEWORK, DISRUPTION, VICTIM_LIAISON, NOTIFICATIONS, AUDIT)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cordon")
@click.pass_context
def cordon(context: click.Context) -> None:
    """Agencies act together on the few who do the most harm; the victim's safety goes ahead of every action."""
    context.obj = all_services


for command in (demo, demo_issuer, play, serve, front, keys, topics, verify, rebuild, bench):
    cordon.add_command(command)


def main() -> None:
    """Run the command. Settings that cannot be used are one clear line, not a traceback."""
    try:
        cordon(standalone_mode=True)
    except (OSError, ValueError) as error:
        click.echo(f"cordon: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
