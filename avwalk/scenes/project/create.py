"""Creates projects with an example, and sequences from existing pictures."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from avwalk.errors import OptionError, ScenesError
from avwalk.files.atomic import make_folder, write_file
from avwalk.files.csv_table import Table
from avwalk.scenes.project import prompts_csv, settings_json
from avwalk.scenes.project.names import file_name
from avwalk.scenes.project.places import SONG, media_root, meta_root, read_song_file
from avwalk.scenes.project.project import Project
from avwalk.scenes.project.sequence_csv import HOPS, sequence_file

MEDIA = (
    "prompt_images",
    "explore_images",
    "scenes",
    "transition_images",
    "transition_meta",
    "story",
    "stories",
)
AUTO = ("scene", "duration", "section", "start")


@dataclass(frozen=True)
class ProjectLayout:
    """A created project.

    Attributes:
        name: of the project.
        meta: folder of its text files.
        media: folder of generated files.
        wrote: new files.
        unchanged: existing files equal to what would be written.
        changed: existing files that differ; left untouched.
        example: prompts and a sequence that have nothing to do with the song were written.
    """

    name: str
    meta: Path
    media: Path
    wrote: tuple[Path, ...]
    unchanged: tuple[Path, ...]
    changed: tuple[Path, ...] = ()
    example: bool = False


def new_project(
    song: Path,
    name: str | None = None,
    *,
    meta_dir: Path | None = None,
    media_dir: Path | None = None,
    empty: bool = False,
) -> ProjectLayout:
    """Creates the folders of a song's project, with a small example that can be rendered at once.

    Existing files are not touched. With existing definitions, no example is written.

    Args:
        song: the audio file.
        name: of the project; None: the song's, without its ending.
        meta_dir: see `avwalk.scenes.project.places.meta_root`.
        media_dir: see `avwalk.scenes.project.places.media_root`.
        empty: no example: the prompts' table has its columns alone, and there is no sequence yet.

    Raises:
        ScenesError: an invalid name, or one used by the project of another song.
        SongError: there is no song in the file.
        OutputError: a file cannot be written.
    """
    from avwalk.audio.probe import probe
    from avwalk.request.output import safe_stem
    from avwalk.settings import shipped

    probe(song)
    chosen = name or safe_stem(song.stem)[:80].strip(" .")
    try:
        file_name(chosen, "project")
    except OptionError as error:
        raise ScenesError(str(error)) from None
    meta, media = meta_root(meta_dir) / chosen, media_root(media_dir) / chosen
    other = read_song_file(meta)
    if other and not (other.exists() and os.path.samefile(other, song)):  # noqa: PTH121
        raise ScenesError(f"project '{meta}' is of '{other}'; give another --name, or change {meta / SONG}")
    example = shipped("demo-project")
    texts = {
        meta / SONG: _song_line(song, meta),
        meta / settings_json.FILE: (example / settings_json.FILE).read_bytes(),
    }
    if not empty and (not (meta / prompts_csv.FILE).exists() or sequence_file(meta).exists()):
        texts[sequence_file(meta)] = sequence_file(example, "even").read_bytes()
    prompts = (example / prompts_csv.FILE).read_bytes()
    # last: it tells that all was written
    texts[meta / prompts_csv.FILE] = prompts.splitlines(keepends=True)[0] if empty else prompts
    wrote = [file for file, data in texts.items() if _write_new(file, data)]
    there = {file: _is(file, data) for file, data in texts.items() if file not in wrote}
    for folder in MEDIA:
        make_folder(media / folder)
    kept, changed = (tuple(file for file, same in there.items() if same == as_new) for as_new in (True, False))
    example_is_new = not empty and meta / prompts_csv.FILE in wrote
    return ProjectLayout(chosen, meta, media, tuple(wrote), kept, changed, example_is_new)


def auto_sequence(project: Project, name: str = "", *, force: bool = False) -> Path:
    """Writes a sequence of one scene per prompt that has pictures, then one per folder of imported pictures.

    Args:
        project: whose scenes they are.
        name: ``"x"`` for ``scene_sequence_x.csv``.
        force: replace a file that is there.

    Raises:
        ScenesError: nothing has pictures, or the file is there.
        OutputError: it cannot be written.
    """
    try:
        file = sequence_file(project.meta, name)
    except OptionError as error:
        raise ScenesError(str(error)) from None
    members = {scene: project.members(scene) for scene in project.scenes}
    rows = [[scene, str(min(HOPS, len(nodes) - 1)), "1", ""] for scene, nodes in members.items() if nodes]
    if not rows:
        raise ScenesError(f"no prompt of '{project.name}' has seeds; `avwalk explore --name NAME` shows some to keep")
    if file.exists() and not force:
        raise ScenesError(f"'{file}' is there already; --force replaces it, --sequence NAME writes another")
    table = Table(())
    write_file(file, table.encoded([table.record(list(AUTO)), *map(table.record, rows)]))
    return file


def _song_line(song: Path, meta: Path) -> bytes:
    """The song's path from the project's folder, so that both can be moved together; else the whole path."""
    try:
        path = Path(os.path.relpath(song.resolve(), meta.resolve()))
    except ValueError:  # another drive
        path = song.resolve()
    return f"{path.as_posix()}\n".encode()


def _is(file: Path, data: bytes) -> bool:
    try:
        return file.read_bytes() == data
    except OSError:
        return False


def _write_new(file: Path, data: bytes) -> bool:
    """Writes a file unless it exists; returns whether it did."""
    if file.exists():
        return False
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScenesError(f"'{file.parent}' cannot be made: {error.strerror}; choose another --meta-dir") from None
    write_file(file, data)
    return True
