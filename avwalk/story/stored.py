"""A story that was told, read from its folder: for whoever shows it, changes it or gives it away.

story = stored_story(StoryFolder(Path("tale_story")))
for storylet, scene in zip(story.storylets, story.scenes):
    print(storylet.number, storylet.text, scene.prompt, story.folder.picture(storylet.number))
"""

from __future__ import annotations

from dataclasses import dataclass

from avwalk.screenplay.prompting import Style
from avwalk.screenplay.scene import Scene
from avwalk.screenplay.sentences import split
from avwalk.screenplay.table import read_screenplay
from avwalk.story.build import as_in_table
from avwalk.story.folder import StoryFolder, StoryState
from avwalk.story.storylets import Storylet, storylets_of


@dataclass(frozen=True)
class StoredStory:
    """A story in its folder.

    Attributes:
        folder: where it is.
        state: text, options, and what is known of pictures and film.
        storylets: as the table has them.
        scenes: of each storylet, what is seen, and its prompt.
    """

    folder: StoryFolder
    state: StoryState
    storylets: tuple[Storylet, ...]
    scenes: tuple[Scene, ...]

    @property
    def title(self) -> str:
        """Of the story."""
        return self.state.story.title


def stored_story(folder: StoryFolder) -> StoredStory:
    """Reads a story from its folder; nothing is written.

    Raises:
        StoryError: the folder holds none.
        ScenesError: its table is wrong, a line for each problem.
    """
    state = folder.load()
    options = state.options
    scenes = tuple(read_screenplay(folder.table, Style(options.universe, options.style, options.negative)))

    def sentences(text: str) -> list[str]:
        return split(text, state.language)

    storylets = as_in_table(storylets_of(state.story, sentences, options.sentences), scenes, sentences)
    return StoredStory(folder, state, storylets, scenes)
