"""What disruption shows, one file a read model: its tables, how events change them, and what may be asked of them."""

from typing import Final

from infra.service import ReadModel
from services.disruption.read_models.actions import ACTIONS
from services.disruption.read_models.orders import ORDERS
from services.disruption.read_models.people import PEOPLE
from services.disruption.read_models.tasks import TASKS

ALL: Final[tuple[ReadModel, ...]] = (PEOPLE, ORDERS, ACTIONS, TASKS)
