"""What people read when victim_liaison says no."""

from collections.abc import Mapping
from typing import Final

REFUSALS: Final[Mapping[str, str]] = {
    "action-not-tasked": "No agency has been asked to carry this action out, so nothing can have come of it yet.",
    "action-unknown": "There is no such action.",
    "condition-not-asked-for": "The answer for this victim does not ask for this step.",
    "condition-unknown": "This is not a condition that the catalogue knows. Choose one that it lists.",
    "conditions-missing": "An agreement with conditions names them: say which steps must come first.",
    "conditions-unexpected": "Only an agreement with conditions may name any. Change the verdict or leave them out.",
    "consultation-closed": "The action is withdrawn or concluded: nothing is asked about it any more.",
    "consultation-unknown": "Nobody has been asked about this action.",
    "contact-in-future": "What is reported lies in the future. Check the date and the time.",
    "contact-unknown": "This victim has not reported any such contact.",
    "not-asked-about": "This victim is not asked about here. Look again: who is known may have changed.",
    "not-her-worker": "Somebody else is asked for this victim. Only that worker answers, or a liaison lead as cover.",
    "person-unknown": "Nobody with this reference was referred to us.",
    "release-unknown": "This is not a summary that the catalogue knows. Choose one that it lists.",
    "version-stale": "This has been changed since you last looked: look again.",
    "victim-unknown": "There is no such victim around this person.",
    "worker-not-named": "Nobody is named to answer here. Name a worker or a substitute first; nobody is never consent.",
    "worker-on-both-sides": "This worker stands on the other side of this case. Name somebody else.",
}
