"""An invented story in which everything that can be said is said once: golden examples and kept records come from it.

To show a new event: tell it in the chapter where it belongs, then `python -m scripts.publish`.
"""

from scripts.story import cameras, journals, opening, outcome, search
from scripts.story.telling import Story


def told() -> Story:
    """The whole story. The same each time."""
    story = Story()
    opening.tell(story)
    tasking = search.tell(story)
    outcome.tell(story, tasking)
    cameras.tell(story)
    journals.tell(story, tasking)
    return story
