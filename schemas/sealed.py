"""Personal data as it stands in journals and messages: ciphertext, whose it is, and who may hold the key."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Compartment = Literal["person", "notes", "victim", "informant", "staff", "report"]


class Sealed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field of personal data, sealed with AES-256-GCM under a data key of its subject in a compartment.

    The associated data is compartment, subject and field, so a sealed value moved elsewhere does not open.
    """

    compartment: Compartment
    subject: Annotated[str, Meta(description="The reference whose keys seal this: a person, a victim, a report.")]
    field: Annotated[str, Meta(description="The name of the field sealed; part of the associated data.")]
    key_id: str
    nonce: Annotated[bytes, Meta(min_length=12, max_length=12)]
    ciphertext: bytes
