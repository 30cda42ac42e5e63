"""Agencies tell over topics of a broker: the events, the rules and the receipts are those of HTTP.

Who tells is known by the topic alone: only the agency's own system may be allowed to write to `agency.<code>`, and
only the agency to read its receipts. The broker's access rules have to see to both.
"""

from functools import partial
from typing import Final

import msgspec
from msgspec import structs

from infra.bus.kafka.client import agency_topic, receipts_topic
from infra.bus.port import UnreachableError
from infra.service import Inbox
from infra.web.desk import Delivered, Desk, Reply, Take
from infra.web.reader import Reader
from schemas.agencies import Agency, agencies
from schemas.rejection import Rejected
from services.intake import receipts
from services.intake.cloudevents import Sent
from services.intake.receipts import Receipt
from services.intake.receiving import AskingFor, Receiving


def taking(desk: Desk) -> Take:
    """What takes the records of agencies: each is one CloudEvent in structured mode (CloudEvents 1.0.2, Kafka
    binding, 3.3), and whatever else it is is refused.
    """
    receiving = Receiving(desk)
    by_topic = {agency_topic(code): agency for code, agency in agencies().items()}

    async def take(delivered: Delivered) -> Reply:
        agency = by_topic[delivered.topic]
        reader = Reader(id=agency.code, roles=frozenset({"agency"}), agency=agency.code, site=desk.site)
        asking_for = partial(delivered.asking, reader, f"/agencies/{agency.code}/events")
        receipt = await _receipt(receiving, asking_for, agency, Sent(body=delivered.value))
        return Reply(key=receipt.report, body=msgspec.json.encode(receipt))

    return take


async def _receipt(receiving: Receiving, asking_for: AskingFor, agency: Agency, sent: Sent) -> Receipt:
    """Raises UnreachableError where nobody is to blame: nothing is refused for that, it is tried again."""
    try:
        return await receiving.take(asking_for, agency, sent)
    except Rejected as refusal:
        if refusal.code in receipts.NOT_NOW:
            raise UnreachableError(refusal.code) from None
        refused = await receiving.refuse(asking_for, agency, sent, refusal)
        return structs.replace(refused, pointer=receipts.kept_pointer(refusal.code, refusal.pointer))


INBOX: Final = Inbox(topics={agency_topic(code): receipts_topic(code) for code in sorted(agencies())}, take=taking)
