"""The stories that can be played. To add one: its package, and its line in ALL."""

from typing import Final

from demo.stories.prison_calls.story import PRISON_CALLS
from demo.story import Story

ALL: Final[tuple[Story, ...]] = (PRISON_CALLS,)
BY_NAME: Final = {story.name: story for story in ALL}
