"""Calls from prison: a wing is searched for phones so that nothing points to her, and she hears of a breach first.

After the story of the Drive programme told by the BBC (uk-51177628); everybody and everything in it is invented.
"""

from typing import Final

from demo.stories.prison_calls import agencies, her_side, his_side, people
from demo.stories.prison_calls.outcomes import outcomes
from demo.story import Story

PRISON_CALLS: Final = Story(
    name=people.NAME,
    title="Calls from prison",
    actors=(
        agencies.REFERRER,
        her_side.LEADS,
        his_side.ALLOCATES,
        his_side.MANAGES,
        his_side.AUTHORISES,
        agencies.COURT,
        agencies.SERVER_OF_ORDER,
        agencies.SECURITY,
        her_side.STANDS_WITH_HER,
    ),
    outcomes=outcomes,
)
