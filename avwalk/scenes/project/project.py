"""`Project`: the text files that define the scenes of a song, and the folders of generated files.

meta/<song>/    prompt_image_definitions.csv  tgen_settings.json  scene_sequence[_x].csv  masks/  song.txt
media/<song>/   prompt_images/  explore_images/  scenes/  transition_images/  transition_meta/  story/  stories/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from avwalk.errors import OptionError, ScenesError, did_you_mean
from avwalk.files.names import is_regular
from avwalk.scenes.nodes import Node
from avwalk.scenes.project import prompts_csv as prompts
from avwalk.scenes.project import settings_json as settings_file
from avwalk.scenes.project.csv_rows import Findings
from avwalk.scenes.project.image_folders import Folders, find_node, read_folders
from avwalk.scenes.project.places import SONG, find_project, read_song_file
from avwalk.scenes.project.prompts_csv import Prompt, read_definitions
from avwalk.scenes.project.sequence_csv import SceneRow, SceneTable, read_sequence, sequence_file, sequence_names
from avwalk.scenes.project.settings_json import Profile, read_profiles


@dataclass(frozen=True)
class Project:
    """A validated project of scenes.

    Attributes:
        name: of the song, and of its two folders.
        meta: folder of the text files.
        media: folder of what is generated.
        definitions: name → prompt, in the file's order.
        profiles: name → settings.
        profile: the selected settings.
        sequence: rows in the order of the film; empty without a default sequence, or if none was requested.
        sequence_name: ``"x"`` of ``scene_sequence_x.csv``; empty for the default one.
        song: the audio file; None: not known.
        folders: imported pictures.
        notes: warnings.
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
        """``<name>/``: contact sheets of seeds."""
        return self.media / "explore_images"

    @property
    def scenes_dir(self) -> Path:
        """``<scene>/``: imported pictures."""
        return self.media / "scenes"

    @property
    def transition_images(self) -> Path:
        """``<a> to <b>/``: rendered frames."""
        return self.media / "transition_images"

    @property
    def transition_meta(self) -> Path:
        """Tables of missing and existing transitions."""
        return self.media / "transition_meta"

    @property
    def story_dir(self) -> Path:
        """Paths and pictures of the graph: ``story/``, of a named sequence ``story/<name>/``."""
        return self.media / "story" / self.sequence_name

    @property
    def stories(self) -> Path:
        """``<out>/``: films."""
        return self.media / "stories"

    def short_notes(self, most: int) -> tuple[str, ...]:
        """The first notes, and the number of the others."""
        if len(self.notes) <= most:
            return self.notes
        return (*self.notes[:most], f"and {len(self.notes) - most} more: {self.command_line('check')} says all of them")

    def command_line(self, command: str) -> str:
        """A command line for this project and its sequence, for messages."""
        name = f'"{self.name}"' if " " in self.name else self.name
        of = f" --sequence {self.sequence_name}" if self.sequence_name else ""
        return f"`avwalk scenes {command} {name}{of}`"

    @property
    def scenes(self) -> tuple[str, ...]:
        """Names of all scenes: prompts, then other folders of pictures."""
        return tuple(self._members_of)

    @cached_property
    def _members_of(self) -> dict[str, tuple[Node, ...]]:
        return _members(self.definitions, self.folders)

    def members(self, scene: str) -> tuple[Node, ...]:
        """The pictures of a scene: of its folder in ``scenes/`` if there are any, else of its prompt's seeds.

        Raises:
            ScenesError: there is no such scene.
        """
        if scene not in self._members_of:
            raise ScenesError(f"no scene '{scene}' in '{self.name}'{did_you_mean(scene, self.scenes)}")
        return self._members_of[scene]

    def picture(self, node: Node) -> Path:
        """Path of a node's picture, existing or not."""
        usual = self.prompt_images / node.picture
        return usual if usual.exists() else self.folders.pictures.get(node, usual)

    def find(self, text: str, scene: str | None = None) -> Node:
        """The picture that a text names; see `avwalk.scenes.project.image_folders.find_node`.

        Args:
            text: ``name-seed``, ``name_seed``, a seed cut to its first four digits too.
            scene: to search, where a seed alone suffices; None: all.

        Raises:
            OptionError: there is none, or several.
        """
        names = self.scenes if scene is None else (scene,)
        among = dict.fromkeys(node for name in names for node in self._members_of.get(name, ()))
        return find_node(text, among, self.folders.pictures, scene)


def load_project(
    name: str,
    *,
    sequence: str | None = "",
    profile: str = "default",
    meta_dir: Path | None = None,
    media_dir: Path | None = None,
    empty: bool = False,
) -> Project:
    """Reads and checks a project; see `read_project`.

    Raises:
        ScenesError: one line for each problem of all files, ``file:line:column: what, which value, what to do``.
    """
    project, found, _ = read_project(
        name, sequence=sequence, profile=profile, meta_dir=meta_dir, media_dir=media_dir, empty=empty
    )
    found.check()
    return project


def read_project(
    name: str,
    *,
    sequence: str | None = "",
    profile: str = "default",
    meta_dir: Path | None = None,
    media_dir: Path | None = None,
    empty: bool = False,
) -> tuple[Project, Findings, tuple[SceneRow, ...]]:
    """Reads a project in spite of problems, which are collected.

    Args:
        name: of the song's folders; or its audio file.
        sequence: ``"x"`` for ``scene_sequence_x.csv``; ``""`` the default one, which may be missing; None: none.
        profile: of ``tgen_settings.json``.
        meta_dir: folder of text files; None: from the settings, else ``meta``.
        media_dir: folder of generated files; None: from the settings, else ``media``.
        empty: it may have neither prompts nor pictures yet.

    Returns:
        The readable part, the findings, and the rows of the sequence with readable times.

    Raises:
        ScenesError: there is no such project.
    """
    places = find_project(name, meta_dir, media_dir)
    meta, found = places.meta, Findings()
    profiles = read_profiles(meta / settings_file.FILE, found)
    chosen = _chosen(profiles, profile, meta, found)
    definitions = read_definitions(meta / prompts.FILE, found, masked=chosen.control_model is not None)
    folders = read_folders(places.media, definitions, found)
    _say_stand_ins(definitions, folders, places.media, found)
    rows: tuple[SceneRow, ...] = ()
    timed: list[SceneRow] = []
    if sequence is not None and (file := _sequence(meta, sequence, found)):
        rows = read_sequence(file, SceneTable(_members(definitions, folders), folders.pictures), found, timed)
    if not empty and not definitions and not folders.scenes and not found.problems:
        text = "there are no prompts and no pictures in scenes/ yet; write rows: name,prompt,seeds"
        found.add(meta / prompts.FILE, None, text)
    song = places.song or _song(meta, found)
    project = Project(
        places.name,
        meta,
        places.media,
        definitions,
        profiles,
        chosen,
        rows,
        sequence or "",
        song,
        folders,
        tuple(found.notes),
    )
    return project, found, tuple(timed)


def _members(definitions: Mapping[str, Prompt], folders: Folders) -> dict[str, tuple[Node, ...]]:
    """Scene → its pictures, for all scenes."""
    return {**{name: prompt.nodes for name, prompt in definitions.items()}, **folders.scenes}


def _say_stand_ins(definitions: Mapping[str, Prompt], folders: Folders, media: Path, findings: Findings) -> None:
    """Notes folders whose pictures differ from their prompt's seeds: later seeds are not in the scene."""
    for name, prompt in definitions.items():
        there = set(folders.scenes.get(name, prompt.nodes))
        if lacking := [node.key for node in prompt.nodes if node not in there]:
            text = f"it stands in for prompt '{name}', without seed {', '.join(lacking[:4])}"
            more = ", …" if len(lacking) > 4 else ""
            findings.note(
                media / "scenes" / name, None, f"{text}{more}; put those pictures there, or take the folder away"
            )


def _chosen(profiles: Mapping[str, Profile], name: str, meta: Path, findings: Findings) -> Profile:
    """The requested settings; the defaults, and a problem, if there are none of that name."""
    if name not in profiles and profiles:
        near = did_you_mean(name, profiles)
        text = f"no settings '{name}'{near}; there are {', '.join(profiles)}: choose with --settings"
        findings.add(meta / settings_file.FILE, None, text)
    return profiles.get(name) or Profile()


def _sequence(meta: Path, name: str, findings: Findings) -> Path | None:
    """The file of a sequence; None where there is none, which is a problem if it was requested by name."""
    try:
        file = sequence_file(meta, name)
    except OptionError as error:
        raise ScenesError(str(error)) from None
    if file.is_file():
        return file
    if name:
        there = [f"'{one}'" if one else "the default one" for one in sequence_names(meta)]
        known = f"there are {', '.join(there)}" if there else "there is none yet: `avwalk scenes auto` writes one"
        findings.add(file, None, f"no sequence '{name}'{did_you_mean(name, sequence_names(meta))}; {known}")
    return None


def _song(meta: Path, findings: Findings) -> Path | None:
    """The song of ``song.txt``; relative paths start in the project's text folder."""
    file = meta / SONG
    if not file.is_file():
        return None
    song = read_song_file(meta)
    if song is None:
        findings.note(file, None, "it names no song; write its path there")
    elif not is_regular(song):
        findings.note(file, None, f"song '{song}' is not there; write its path there, or give the file")
    return song
