"""What people read when audit says no. It says so to a service's message, not to a person's request."""

from collections.abc import Mapping
from typing import Final

REFUSALS: Final[Mapping[str, str]] = {
    "ledger-gap": "A message is missing before this one. Fetch it from the service that said it.",
    "ledger-chain-broken": "This message does not follow from the one before it: one of the two was changed.",
    "ledger-forked": "Another message was witnessed under this number: the service has two histories. Sound the alarm.",
}
