"""A project: the text files that define the scenes of a song, and the folders of what is made from them.

meta/<song>/    prompt_image_definitions.csv  tgen_settings.json  scene_sequence[_x].csv  masks/  song.txt
media/<song>/   prompt_images/  explore_images/  scenes/  transition_images/  transition_meta/  story/  stories/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from avwalk.errors import OptionError, ScenesError, did_you_mean
from avwalk.scenes import definitions as prompts
from avwalk.scenes import profiles as settings_file
from avwalk.scenes.definitions import Prompt, read_definitions
from avwalk.scenes.folders import Folders, read_folders
from avwalk.scenes.names import file_name
from avwalk.scenes.nodes import Node
from avwalk.scenes.profiles import Profile, read_profiles
from avwalk.scenes.sequence import SceneRow, read_sequence, sequence_file
from avwalk.scenes.tables import Findings

SONG = "song.txt"
SONGS = {
    ".wav",
    ".flac",
    ".ogg",
    ".oga",
    ".opus",
    ".mp3",
    ".m4a",
    ".aac",
    ".aif",
    ".aiff",
    ".wma",
    ".mp4",
    ".mov",
    ".mkv",
}


@dataclass(frozen=True)
class Project:
    """What there is to make films of scenes from, checked.

    Attributes:
        name: of the song, and of its two folders.
        meta: folder of the text files.
        media: folder of what is generated.
        definitions: name → prompt, in the file's order.
        profiles: name → settings.
        profile: the settings that were chosen.
        sequence: rows in the order of the film; empty when there is no default sequence, or none was asked for.
        sequence_name: ``"x"`` of ``scene_sequence_x.csv``; empty for the default one.
        song: the audio file; None: not known.
        folders: what lies in the folders of pictures.
        notes: what was odd, but stops nothing.
    """

    name: str
    meta: Path
    media: Path
    definitions: Mapping[str, Prompt]
    profiles: Mapping[str, Profile]
    profile: Profile
    sequence: tuple[SceneRow, ...] = ()
    sequence_name: str = ""
    song: Path | None = None
    folders: Folders = field(default_factory=Folders)
    notes: tuple[str, ...] = ()

    @property
    def definitions_file(self) -> Path:
        """``prompt_image_definitions.csv``."""
        return self.meta / prompts.FILE

    @property
    def masks(self) -> Path:
        """``masks/<mask>.png``."""
        return self.meta / "masks"

    @property
    def prompt_images(self) -> Path:
        """``<name>_<seed>.png`` of every prompt and seed."""
        return self.media / "prompt_images"

    @property
    def explore_images(self) -> Path:
        """``<name>/``: sheets of seeds not yet kept."""
        return self.media / "explore_images"

    @property
    def scenes_dir(self) -> Path:
        """``<scene>/``: pictures put there by hand."""
        return self.media / "scenes"

    @property
    def transition_images(self) -> Path:
        """``<a> to <b>/``: rendered frames."""
        return self.media / "transition_images"

    @property
    def transition_meta(self) -> Path:
        """Tables of what to render and what is there."""
        return self.media / "transition_meta"

    @property
    def story_dir(self) -> Path:
        """Paths and pictures of the graph."""
        return self.media / "story"

    @property
    def stories(self) -> Path:
        """``<out>/``: films."""
        return self.media / "stories"

    @property
    def scenes(self) -> tuple[str, ...]:
        """Every scene that there can be: prompts, then other folders of pictures."""
        return (*self.definitions, *(name for name in self.folders.scenes if name not in self.definitions))

    def members(self, scene: str) -> tuple[Node, ...]:
        """The pictures of a scene: of its folder in ``scenes/`` if there are any, else of its prompt's seeds.

        Raises:
            ScenesError: there is no such scene.
        """
        if scene not in self.definitions and scene not in self.folders.scenes:
            raise ScenesError(f"no scene '{scene}' in '{self.name}'{did_you_mean(scene, self.scenes)}")
        return _members(scene, self.definitions, self.folders)

    def picture(self, node: Node) -> Path:
        """Where a node's picture is, or will be."""
        usual = self.prompt_images / node.picture
        return usual if usual.exists() else self.folders.pictures.get(node, usual)

    def find(self, text: str, scene: str | None = None) -> Node:
        """The picture that a text names: ``name-seed``, ``name_seed``, a seed cut to its first four digits too.

        Args:
            text: the name.
            scene: where to look, where a seed alone will do; None: everywhere.

        Raises:
            OptionError: none, or several.
        """
        names = self.scenes if scene is None else (scene,)
        return find_node(text, [n for name in names for n in _members(name, self.definitions, self.folders)], scene)


def load_project(
    name: str,
    *,
    sequence: str | None = "",
    profile: str = "default",
    meta_dir: Path | None = None,
    media_dir: Path | None = None,
) -> Project:
    """Reads and checks a project.

    Args:
        name: of the song's folders; or its audio file, whose stem is the name.
        sequence: ``"x"`` for ``scene_sequence_x.csv``; ``""`` the default one, which may be missing; None: none.
        profile: which settings of ``tgen_settings.json``.
        meta_dir: where text files are; None: of the settings, else ``meta``.
        media_dir: where generated files are; None: of the settings, else ``media``.

    Raises:
        ScenesError: one line for each problem of all files, ``file:line:column: what, which value, what to do``.
    """
    name, meta, media = _places(name, meta_dir, media_dir)
    found = Findings()
    definitions = read_definitions(meta / prompts.FILE, found) if (meta / prompts.FILE).exists() else {}
    folders = read_folders(media, definitions, found)
    settings = read_profiles(meta / settings_file.FILE, found)
    rows: tuple[SceneRow, ...] = ()
    file = sequence_file(meta, sequence or "")
    if sequence is not None and (sequence or file.exists()):
        rows = read_sequence(
            file, lambda scene, text: find_node(text, _members(scene, definitions, folders), scene), found
        )
        _check_scenes(rows, definitions, folders, found)
    found.check()
    chosen = settings[profile]
    return Project(
        name, meta, media, definitions, settings, chosen, rows, sequence or "", _song(meta), folders, tuple(found.notes)
    )


def _places(name: str, meta_dir: Path | None, media_dir: Path | None) -> tuple[str, Path, Path]:
    from avwalk.settings import settings

    meta = meta_dir or settings().meta_dir or Path("meta")
    media = media_dir or settings().media_dir or Path("media")
    if Path(name).suffix.lower() in SONGS:
        name = Path(name).stem
    try:
        file_name(name, "project")
    except OptionError as error:
        raise ScenesError(str(error)) from None
    if not (meta / name).is_dir():
        there = sorted(folder.name for folder in meta.iterdir() if folder.is_dir()) if meta.is_dir() else []
        known = f"; there are {', '.join(there)}" if there else ""
        raise ScenesError(
            f"no project '{name}' in '{meta}'{did_you_mean(name, there)}{known}; "
            "`avwalk project new SONGFILE` makes one"
        )
    return name, meta / name, media / name


def _members(scene: str, definitions: Mapping[str, Prompt], folders: Folders) -> tuple[Node, ...]:
    if nodes := folders.scenes.get(scene):
        return nodes
    return definitions[scene].nodes if scene in definitions else ()


def find_node(text: str, among: list[Node] | tuple[Node, ...], scene: str | None = None) -> Node:
    """The one of these pictures that a text names.

    Raises:
        OptionError: none, or several.
    """
    word = text.strip()
    if scene is not None and word.isdecimal():
        word = f"{scene}_{word}"
    try:
        node = Node.read(word)
    except ValueError as error:
        raise OptionError(str(error)) from None
    if node in among:
        return node
    cut = [other for other in among if other.name == node.name and len(node.key) == 4 and other.key[:4] == node.key]
    if len(cut) == 1:
        return cut[0]
    if cut:
        raise OptionError(f"'{text}' may be {' or '.join(n.id for n in cut)}; write the whole seed")
    near = did_you_mean(word, [f"{n.name}_{n.key}" for n in among])
    raise OptionError(f"no picture '{text}'{f' in scene {scene!r}' if scene else ''}{near}")


def _check_scenes(
    rows: tuple[SceneRow, ...], definitions: Mapping[str, Prompt], folders: Folders, found: Findings
) -> None:
    """Every scene is there and has pictures."""


def _song(meta: Path) -> Path | None:
    file = meta / SONG
    if not file.exists():
        return None
    return meta / file.read_text(encoding="utf-8-sig").strip()
