"""The register of agencies as files: one TOML an agency, in a folder that comes with the service."""

from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

from schemas.ids import AgencyCode
from services.intake.domain.agencies import SUFFIX, Agency, load


def agencies(folder: Traversable | None = None) -> Mapping[AgencyCode, Agency]:
    """The agencies in a folder, by default the one beside this file. Raises ValueError for a file that is no agency."""
    folder = folder or files("services.intake") / "agencies"
    return load({file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(SUFFIX)})
