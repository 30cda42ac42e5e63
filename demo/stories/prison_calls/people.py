"""The invented people of the story, and what was written and said about them. None of it is about anybody.

The telephone number is of Ofcom's range for drama; the identifiers have the right form and belong to nobody.
"""

from typing import Any, Final

NAME: Final = "prison-calls"

PNC: Final = "2009/0417382M"
HE: Final[dict[str, Any]] = {
    "identifiers": [{"type": "PNC", "value": PNC}, {"type": "NOMS", "value": "A4417DX"}],
    "family_name": "Winslade",
    "given_names": "Corin",
    "born": "1987-05-09",
}
SHE: Final[dict[str, Any]] = {
    "family_name": "Lowther",
    "given_names": "Merryn",
    "relationship": "ex-partner",
    "telephone": "07700 900361",
}

ORDER: Final = "NM-2025-0417"
PRISON_NAME: Final = "HMP Fennholt"

REFERRED_AT: Final = "2025-08-04T09:12:00Z"
GRANTED_AT: Final = "2025-08-11T14:30:00Z"
SERVED_AT: Final = "2025-08-11T14:40:00Z"
RECEIVED_AT: Final = "2025-09-22T16:05:00Z"
CALLED_AT: Final = "2025-10-06T19:20:00Z"
ACCEPTED_AT: Final = "2025-10-09T10:00:00Z"
STARTED_AT: Final = "2025-10-14T08:30:00Z"
SEARCHED_AT: Final = "2025-10-14T11:15:00Z"
BREACHED_AT: Final = "2025-10-17T18:45:00Z"
"""When it happened, years after the invented people's beginnings and before anybody plays it: no report lies ahead."""

REASON: Final = (
    "Fourth report of harassment in six weeks, with calls and messages after he was asked to stop. "
    "She is afraid that it will go on from custody."
)
ACCOUNT: Final = "Our own monitoring found a call to a number that the order bars him from calling."
HER_WORDS: Final = (
    "He has rung four times this week, from a number that is not the prison's. She wants the calls to end, "
    "and does not want him to learn that she spoke of them."
)
PLAN: Final = (
    "He will take it for a routine search: every cell on the wing is searched on one day, and none is singled out. "
    "Nothing about calls is said on the wing before or after."
)
TASKING: Final = (
    "Search the cells on B Wing for unlawful phones, all of them on one day, as a routine search of the wing. "
    "Please report the number of handsets that were recovered."
)
HER_ANSWER: Final = "A search of the whole wing does not point to her. She would like to hear when it is over."
HER_RELIEF: Final = (
    "No calls since the search. She was told of the breach by telephone, at the hour that she asked for."
)
