"""Every loader of a file that may be a stranger's: makes a damaged file from a seed, and loads it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from avwalk import presets
from avwalk.audio.decode import read_song
from avwalk.audio.probe import probe
from avwalk.batch.table import read_jobs
from avwalk.cli.info import about, about_film
from avwalk.cli.terminal import printable
from avwalk.clock import parse_fps, parse_time
from avwalk.codex.codex import load_codex
from avwalk.codex.echoai import read_echoai
from avwalk.codex.folder import CodexFolder
from avwalk.codex.lock import lock_of_picture, read_lock
from avwalk.codex.record import read_record
from avwalk.codex.share.unpack import add
from avwalk.contracts import Caption, Lineage, PresetSpan, Shot
from avwalk.files.image_meta import image_info, read
from avwalk.frames.files import open_source
from avwalk.frames.timed_pictures import read_timeline
from avwalk.generators.palette_from_image import palette_of
from avwalk.models import biggan_config, diffusers_folder
from avwalk.modulation.curve_file import read_curve
from avwalk.plan.cues_files import checked_cues
from avwalk.plan.plan import Decisions, Plan
from avwalk.plan.prompts import Prompts
from avwalk.rendering.earlier_film import take
from avwalk.rendering.segment_cache import CachedSegment, remember
from avwalk.rendering.segment_label import ASPECTS
from avwalk.request.earlier import changes
from avwalk.request.metadata import stored_options
from avwalk.request.parse import parse_options
from avwalk.runners.segments import Segment
from avwalk.scenes.archive.unpack import unpack
from avwalk.scenes.graph.path_csv import read_path
from avwalk.scenes.project.project import load_project
from avwalk.score.cues import Cues
from avwalk.score.musical_time import parse_length, parse_moment
from avwalk.score.prompt_table import read_prompts
from avwalk.score.redo import parse_span
from avwalk.screenplay.screenplay import screenplay_of
from avwalk.screenplay.source import read_telling
from avwalk.screenplay.table import read_screenplay
from avwalk.settings import settings
from avwalk.spec.encoder import Encoder
from avwalk.story.folder import StoryFolder
from avwalk.story.story_text import read_story
from avwalk.video.segment_packets import file_digest
from avwalk.video.verify import verify
from avwalk.words.files import transcript_of
from avwalk.words.stored import lines_of
from avwalk.words.table import write_table
from tests.fuzz import seeds
from tests.fuzz.mutations import TEXTS, VALUES, damaged, damaged_tree, with_checksums

Load = Callable[[Path, random.Random], object]
LOADERS: dict[str, Load] = {}
APART = (
    "preset_values",
    "stored_cues",
    "stored_looks",
    "stored_source",
    "stored_seed",
    "stored_paths",
    "stored_pictures",
    "stored_words",
    "stored_redone",
)


def loader(function: Load) -> Load:
    LOADERS[function.__name__] = function
    return function


def file(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def again(told: str) -> None:
    """What `render --again` makes of what a film stores, before it draws."""
    options = stored_options({"avwalk": told}, "film.mp4")
    parsed = parse_options({name: value for name, value in options.items() if name not in APART})
    parse_fps(parsed.fps)
    lines_of((options["stored_words"] or {}).get("rows", ()))
    presets.from_tree(options["preset"], options["preset_values"])
    names = {"preset": {*presets.names(), *options["stored_looks"]}, "palette": {"ember"}}
    Cues.from_json(options["stored_cues"], names=names)
    for name, tree in options["stored_looks"].items():
        presets.from_tree(name, tree)


@loader
def preset(folder: Path, chance: random.Random) -> None:
    presets.load(str(file(folder, "p.toml", damaged(seeds.PRESET, chance))))


@loader
def override(folder: Path, chance: random.Random) -> None:
    value = damaged(b"camera.zoom=1.2", chance).decode("utf-8", "replace")
    presets.load("lsd", [value, f"{chance.choice(('seed', 'routes', 'walk.speed', 'cppn.parents'))}={value}"])


@loader
def cues(folder: Path, chance: random.Random) -> None:
    checked_cues(file(folder, "s.cues.csv", damaged(seeds.CUES, chance)))


@loader
def words(folder: Path, chance: random.Random) -> None:
    suffix = chance.choice(sorted(seeds.WORDS))
    transcript, _ = transcript_of(file(folder, f"s{suffix}", damaged(seeds.WORDS[suffix], chance)), 60.0)
    assert transcript.lines


@loader
def table_of_words(folder: Path, chance: random.Random) -> None:
    write_table(file(folder, "s.words.csv", damaged(seeds.WORDS[".csv"], chance)), [])


@loader
def stored_words(folder: Path, chance: random.Random) -> None:
    lines_of(damaged_tree([["1.000", "2.000", "<0:01.000>a <0:01.500>b", "Ana"], ["3", "4", "c", ""]], chance))


@loader
def told(folder: Path, chance: random.Random) -> None:
    name = chance.choice(("s.txt", "s.md", "s.log"))
    screenplay_of(read_telling(file(folder, name, damaged(chance.choice((seeds.CHAT, seeds.TALE)), chance))))


@loader
def screenplay(folder: Path, chance: random.Random) -> None:
    read_screenplay(file(folder, "s.scenes.csv", damaged(seeds.SCREENPLAY, chance)))


@loader
def timed_pictures(folder: Path, chance: random.Random) -> None:
    file(folder, "a.png", seeds.small_png())
    file(folder, "timeline.csv", damaged(seeds.TIMELINE, chance))
    read_timeline(folder)


@loader
def story(folder: Path, chance: random.Random) -> None:
    name, data = chance.choice((("s.txt", seeds.TALE), ("s.md", seeds.TALE), ("s.epub", seeds.epub())))
    read_story(file(folder, name, damaged(data, chance)))


@loader
def codex(folder: Path, chance: random.Random) -> None:
    codex = {**seeds.CODEX_TABLES}
    name = chance.choice(sorted(codex))
    for each, data in codex.items():
        file(folder, each, damaged(data, chance) if each == name else data)
    load_codex(CodexFolder(folder)).records(7)


@loader
def codex_marks(folder: Path, chance: random.Random) -> None:
    file(folder, "marks.jsonl", damaged(seeds.MARKS, chance))
    file(folder, "pictures/00000.png", with_checksums(damaged(seeds.codex_picture(), chance)))
    CodexFolder(folder).sorted_pictures()
    read_record(folder / "pictures" / "00000.png")


@loader
def echoai(folder: Path, chance: random.Random) -> None:
    name = chance.choice(sorted(seeds.ECHOAI))
    for each, data in seeds.ECHOAI.items():
        file(folder, each, damaged(data, chance) if each == name else data)
    found = read_echoai(folder)
    assert name == "config.py" or "secret" not in f"{found.values} {found.overrides} {found.notes}"


@loader
def reviews(folder: Path, chance: random.Random) -> None:
    file(folder, "reviews.jsonl", damaged(seeds.REVIEWS, chance))
    StoryFolder(folder).all_reviews()


@loader
def prompts(folder: Path, chance: random.Random) -> None:
    read_prompts(file(folder, "p.csv", damaged(seeds.PROMPTS, chance)))


@loader
def stored_prompts(folder: Path, chance: random.Random) -> None:
    rows = [["0", "sea", 7, None, None], ["bar:3", "x", None, 9.0, "blurry"]]
    tree = {"texts": ["a", "b"], "arrive": "bars", "every": 1, "negative": "", "rows": rows}
    Prompts.from_json(damaged_tree(tree, chance))


@loader
def batch(folder: Path, chance: random.Random) -> None:
    file(folder, "a.wav", b"x")
    table = b"song,preset,seed,out,size,set,fps,start\na.wav,lsd,7,films/two.mp4,640x360,camera.zoom=1.2,29.97,bar:3\n"
    read_jobs(file(folder, "songs.csv", damaged(table, chance)))


@loader
def curve(folder: Path, chance: random.Random) -> None:
    read_curve(file(folder, "c.csv", damaged(seeds.CURVE, chance)))


@loader
def stored_film(folder: Path, chance: random.Random) -> None:
    kind = chance.choice(("cues", "excerpt", "loop", "biggan", "master"))
    told = damaged_tree({**seeds.again(kind), **seeds.EDIT}, chance)
    if isinstance(told, dict):
        about_film(told)
        changes(seeds.again("cues"), told)
        changes(told, seeds.again("cues"))
    again(json.dumps(told))


@loader
def stored_film_bytes(folder: Path, chance: random.Random) -> None:
    again(damaged(json.dumps(seeds.again("cues")).encode(), chance).decode("utf-8", "replace"))


@loader
def plan(folder: Path, chance: random.Random) -> None:
    array = np.zeros((3, 2), np.float32)
    name = sha256(array.data).hexdigest()
    np.save(folder / f"{name}.npy", array)
    data = (folder / f"{name}.npy").read_bytes()
    if chance.random() < 0.5:
        (folder / f"{name}.npy").write_bytes(damaged(data, chance))
    entry = {"sha256": name, "shape": [3, 2], "dtype": "float32"}
    arrays = dict.fromkeys(("latents", "events", "thumbnails", "params/x", "leads/0/latents"), entry)
    tree = {
        "film": json.loads((seeds.FILMS / "cues.json").read_text(encoding="utf-8")),
        "facts": {},
        "scenes": [Shot(0, 3, 2, 1, 0, Lineage(7), "ember", "melt")],
        "captions": [Caption(0, 2, "title", ("a", "b"), 1)],
        "decisions": {"batch": None, "flashes": None, "poster": None},
        "decisions_sha256": Decisions().digest,
        "turns": [PresetSpan(0, 3, 0, "")],
        "looks": [],
        "margins": (1, 0),
        "lane_ranges": {"zoom": (0, 2)},
        "arrays": arrays,
    }
    told = damaged_tree(json.loads(json.dumps(tree)), chance)
    if isinstance(told, dict):  # who changes it on purpose gives it a sum
        told["sha256"] = sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    file(folder, "plan.json", json.dumps(told).encode("utf-8", "replace"))
    Plan.load(folder)


@loader
def image(folder: Path, chance: random.Random) -> None:
    kind = chance.choice(("png", "png", "jpg", "webp", "tiff", "bmp", "gif"))
    data = damaged(seeds.picture(kind), chance)
    if kind == "png" and chance.random() < 0.7:
        data = with_checksums(data)
    path = file(folder, f"x.{kind}", data)
    image_info(path)
    read(path)
    palette_of(data)


@loader
def picture_info(folder: Path, chance: random.Random) -> None:
    kind = chance.choice(("png", "jpg"))
    data = damaged(seeds.picture(kind), chance)
    printable(about(file(folder, f"x.{kind}", with_checksums(data) if kind == "png" else data)))


@loader
def sound(folder: Path, chance: random.Random) -> None:
    kind, subtype = chance.choice(
        (("WAV", None), ("WAV", "FLOAT"), ("FLAC", None), ("OGG", None), ("AIFF", None), ("MP3", None))
    )
    song = probe(file(folder, f"x.{kind.lower()}", damaged(seeds.sound(kind, subtype), chance)))
    for k, _ in enumerate(read_song(song)):
        if k > 200:  # that it lasts long is no fault
            break


@loader
def film_sound(folder: Path, chance: random.Random) -> None:
    suffix = chance.choice(("mp4", "mkv"))
    song = probe(file(folder, f"x.{suffix}", damaged(seeds.film(suffix), chance)))
    for k, _ in enumerate(read_song(song)):
        if k > 200:
            break


@loader
def source(folder: Path, chance: random.Random) -> None:
    suffix = chance.choice(("mp4", "mkv", "avi"))
    path = file(folder, f"x.{suffix}", damaged(seeds.film(suffix), chance))
    open_source(path, (32, 18), Fraction(8)).frames(0, 2)


@loader
def film(folder: Path, chance: random.Random) -> None:
    path = file(folder, f"x.{(suffix := chance.choice(('mp4', 'mkv')))}", damaged(seeds.film(suffix), chance))
    verify(path)
    printable(about(path))


@loader
def earlier_film(folder: Path, chance: random.Random) -> None:
    """What an edited film takes from the film before is what was drawn, or it takes nothing."""
    data, digests = seeds.joined()
    remember({digest: CachedSegment("x", {}, np.zeros((4, 8))) for digest in digests})
    path = file(folder, "x.mp4", damaged(data, chance))
    segments = [Segment(0, 8), Segment(8, 16)]
    job: Any = SimpleNamespace(size=(32, 18), fps=Fraction(8), encoder=Encoder(), segments=segments)
    labels: Any = SimpleNamespace(label=lambda segment: "x", aspects=lambda segment: dict.fromkeys(ASPECTS, ""))
    taken = take([path], job, labels, lambda segment: folder / segment.name, ())
    assert all(file_digest(folder / each.name, 8) in digests for each in taken.segments)


@loader
def archive(folder: Path, chance: random.Random) -> None:
    told = damaged_tree(seeds.manifest(), chance) if chance.random() < 0.6 else None
    data = seeds.archive(told) if told is not None else damaged(seeds.archive(), chance)
    unpack(file(folder, "x.zip", data), meta_dir=folder / "meta", media_dir=folder / "media")


@loader
def shared_codex(folder: Path, chance: random.Random) -> None:
    kind = chance.random()
    told = damaged_tree(seeds.codex_manifest(), chance) if kind < 0.4 else None
    name = chance.choice(sorted(seeds.CODEX)) if kind > 0.7 else ""
    data = seeds.codex(told, {name: damaged(seeds.CODEX[name], chance)} if name else {})
    add(file(folder, "x.codex", data if kind < 0.4 or name else damaged(data, chance)), folder / "two")


@loader
def lock(folder: Path, chance: random.Random) -> None:
    lock_of_picture(file(folder, "x.png", damaged(seeds.codex_picture(), chance)), "a lighthouse")
    read_lock(file(folder, "lock.toml", damaged(seeds.CODEX["lock.toml"], chance)))


@loader
def project(folder: Path, chance: random.Random) -> None:
    tables = {
        "tgen_settings.json": json.dumps(damaged_tree(seeds.SETTINGS, chance)).encode("utf-8", "replace"),
        "prompt_image_definitions.csv": seeds.DEFINITIONS,
        "scene_sequence.csv": seeds.SEQUENCE,
        "song.txt": b"../../a.wav",
    }
    name = chance.choice(list(tables))
    tables[name] = damaged(tables[name], chance)
    for each, data in tables.items():
        file(folder, f"meta/song/{each}", data)
    load_project("song", meta_dir=folder / "meta", media_dir=folder / "media")


@loader
def graph_path(folder: Path, chance: random.Random) -> None:
    read_path(file(folder, "path.csv", damaged(seeds.HOPS, chance)))


@loader
def weights(folder: Path, chance: random.Random) -> None:
    diffusers_folder.part_of(file(folder, "x.safetensors", damaged(seeds.weights(), chance)))


@loader
def model_folder(folder: Path, chance: random.Random) -> None:
    index = {"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "UNet"], "vae": [None, None]}
    file(folder, "model_index.json", json.dumps(damaged_tree(index, chance)).encode("utf-8", "replace"))
    file(folder, "unet/config.json", json.dumps(damaged_tree({"sample_size": 64}, chance)).encode("utf-8", "replace"))
    diffusers_folder.part_of(folder)
    diffusers_folder.resolution(folder)
    diffusers_folder.loaded_files(folder)


@loader
def biggan(folder: Path, chance: random.Random) -> None:
    tree = damaged_tree(biggan_config.published(128), chance)
    biggan_config.read(file(folder, "config.json", json.dumps(tree).encode("utf-8", "replace")))


@loader
def env(folder: Path, chance: random.Random) -> None:
    import os

    before = Path.cwd()
    file(folder, ".env", damaged(seeds.ENV, chance))
    os.chdir(folder)
    try:
        settings.cache_clear()
        settings()
    finally:
        os.chdir(before)
        settings.cache_clear()


@loader
def options(folder: Path, chance: random.Random) -> None:
    given = {
        name: chance.choice(VALUES)
        for name in chance.sample(("fps", "size", "start", "duration", "bpm", "first_beat"), 2)
    }
    parsed = parse_options(given)
    parse_fps(parsed.fps)


@loader
def times(folder: Path, chance: random.Random) -> None:
    text = damaged(
        chance.choice((b"1:02:03.5", b"bar:17+2beats-250ms", b"section:chorus#2", b"30000/1001", *TEXTS)), chance
    )
    read = chance.choice((parse_time, parse_moment, parse_length, parse_fps, parse_span))
    read(text.decode("utf-8", "replace"))
