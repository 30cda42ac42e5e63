"""The prison stops his calls and letters to those who do not want them. He is told of it: he will look to her."""

from typing import Final

from services.disruption.domain.tactic import Tactic

UNWANTED_CONTACT: Final = Tactic(code="unwanted-contact-block", attribution_least="points-to-victim")
