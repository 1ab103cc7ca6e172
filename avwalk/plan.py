"""The Plan: song + preset + seed, resolved. Pure data; all that a worker needs to draw any frame."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from avwalk.captions import captions
from avwalk.cast import shares
from avwalk.config import Ancestor, Preset, targets
from avwalk.contracts import Analysis, Caption, Curve, Drive, Frames, Kin, Scene, Turn
from avwalk.diffused import place, prompt_way
from avwalk.effects.explain import SECONDS as LANE_SECONDS
from avwalk.errors import PlanError
from avwalk.features.classic_chroma import Rows
from avwalk.features.signals import KINDS
from avwalk.film import film_hash
from avwalk.path import joined, paths
from avwalk.presets import LoadedPreset
from avwalk.registry import ONE_WORLD
from avwalk.score.cues import Cues
from avwalk.score.inputs import Hearing
from avwalk.score.modulation import modulate
from avwalk.score.pins import apply_pins, timeline
from avwalk.score.programmes import programmes
from avwalk.score.routes import parse_route
from avwalk.score.scenes import make_scenes, wished
from avwalk.staging import in_scenes, merge_leads, pin_cameras
from avwalk.turns import turns

_Run = TypeVar("_Run", Scene, Turn)


@dataclass(frozen=True)
class Plan:
    """A film, planned.

    Attributes:
        film: the inputs that decide the film, JSON values only: song hash, preset, seed, fps, size, range,
            generator, encoder, versions. `hash` is made of these.
        scenes: runs of frames in one world each; they cover the range, and may begin before and end behind it.
        latents: (i1 − i0, latent_dim) float32; may be memory-mapped.
        params: target, and the names of `EXPOSURE` → (i1 − i0,) float32.
        leads: for each scene what differs from the scene before while it comes in: ``latents``, (lead, latent_dim),
            and parameters, (lead,).
        events: (n, 2) float64: times (seconds of the song) and heights of the hits the picture should show.
        facts: what was heard, for people: ``tempo_bpm``. Not part of the hash.
        lanes: of a film that explains itself, the targets that routes move, from `lane_start` on: also the seconds
            before and after the film.
        captions: of the whole song, those outside of the film included: they take part in who stands where.
        turns: which preset has the picture when, where cues pin some; none: the film's own has it throughout.
        thumbnails: of the whole song, evenly spread, (n, h, w, 3) sRGB; none where the generator cannot be scouted.
        looks: name → the same film in a pinned preset.
    """

    film: Mapping[str, Any]
    scenes: tuple[Scene, ...]
    latents: NDArray[np.float32]
    params: Mapping[str, NDArray[np.float32]]
    leads: tuple[Mapping[str, NDArray[np.float32]], ...]
    events: NDArray[np.float64]
    facts: Mapping[str, Any] = field(default_factory=dict)
    lanes: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    captions: tuple[Caption, ...] = ()
    turns: tuple[Turn, ...] = ()
    thumbnails: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, 0, 0, 3), np.uint8))
    looks: Mapping[str, Plan] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """Of everything that decides the pixels; not of worker counts or file names."""
        return film_hash(self.film)

    @property
    def i0(self) -> int:
        """First frame, counted from the start of the song."""
        return int(self.film["range"][0])

    @property
    def i1(self) -> int:
        """One past the last frame."""
        return int(self.film["range"][1])

    @property
    def lane_start(self) -> int:
        """First frame of the lanes."""
        return max(0, self.i0 - round(LANE_SECONDS * self.fps))

    @property
    def n_frames(self) -> int:
        """Frames of this film."""
        return self.i1 - self.i0

    @property
    def fps(self) -> Fraction:
        """Frames per second."""
        return Fraction(self.film["fps"])

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width, height = self.film["size"]
        return int(width), int(height)

    def drive(self, i0: int, i1: int) -> Drive:
        """What is needed to draw frames [i0, i1) of the song.

        Raises:
            PlanError: frames outside this film.
        """
        if not self.i0 <= i0 < i1 <= self.i1:
            raise PlanError(f"frames {i0}–{i1} are not in this film, which has {self.i0}–{self.i1}")
        a, b = i0 - self.i0, i1 - self.i0
        params = {name: curve[a:b] for name, curve in self.params.items()}
        return Drive(i0, self.latents[a:b], params, self.fps, int(self.film["seed"]))

    def lead(self, k: int, i0: int, i1: int) -> Drive:
        """What is needed to draw frames [i0, i1) of scene ``k`` before its first frame, while it comes in."""
        scene, own = self.scenes[k], self.leads[k]
        drive, at = self.drive(i0, i1), i0 - (scene.i0 - scene.lead)
        rows = {name: curve[at : at + i1 - i0] for name, curve in own.items()}
        latents = rows.pop("latents")
        return replace(drive, latents=latents, params={**drive.params, **rows})

    def save(self, folder: Path) -> None:
        """Writes ``plan.json`` and the arrays, each named by its sha256, into a folder. The JSON comes last."""
        folder.mkdir(parents=True, exist_ok=True)
        for k, look in enumerate(self.looks.values()):
            look.save(folder / f"look-{k}")
        arrays: dict[str, NDArray[Any]] = {name: getattr(self, name) for name in ("latents", "events", "thumbnails")}
        arrays |= {f"params/{name}": curve for name, curve in self.params.items()}
        arrays |= {f"lanes/{name}": curve for name, curve in self.lanes.items()}
        arrays |= {f"leads/{k}/{name}": a for k, lead in enumerate(self.leads) for name, a in lead.items()}
        index = {name: _save_array(folder, array) for name, array in arrays.items()}
        stored = {"film": self.film, "facts": self.facts, "scenes": self.scenes, "captions": self.captions}
        stored |= {"turns": self.turns, "looks": list(self.looks), "arrays": index}
        text = json.dumps(stored, indent=1, ensure_ascii=False)
        part = folder / "plan.json.part"
        part.write_text(text, encoding="utf-8")
        part.replace(folder / "plan.json")

    @classmethod
    def load(cls, folder: Path | str) -> Plan:
        """Reads what `save` wrote; arrays stay on disk and are read by slice.

        Raises:
            PlanError: no plan there, or one that is damaged.
        """
        folder = Path(folder)
        try:
            stored = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
            arrays = {name: _load_array(folder, entry) for name, entry in stored["arrays"].items()}
            params = {name.removeprefix("params/"): a for name, a in arrays.items() if name.startswith("params/")}
            lanes = {name.removeprefix("lanes/"): a for name, a in arrays.items() if name.startswith("lanes/")}
            scenes = tuple(_scene(fields) for fields in stored["scenes"])
            leads: tuple[dict[str, NDArray[np.float32]], ...] = tuple({} for _ in scenes)
            for name, array in arrays.items():
                if name.startswith("leads/"):
                    _, k, what = name.split("/")
                    leads[int(k)][what] = array
            events = np.array(arrays["events"])
            said = tuple(Caption(i0, i1, kind, tuple(rows), ease) for i0, i1, kind, rows, ease in stored["captions"])
            looks = {name: cls.load(folder / f"look-{k}") for k, name in enumerate(stored["looks"])}
            turning = tuple(Turn(*fields) for fields in stored["turns"])
            return cls(
                stored["film"], scenes, arrays["latents"], params, leads, events, stored["facts"], lanes, said, turning,
                np.array(arrays["thumbnails"]), looks,
            )  # fmt: skip
        except FileNotFoundError as error:
            raise PlanError(f"no plan in '{folder}': {Path(str(error.filename)).name} is missing") from None
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise PlanError(f"the plan in '{folder}' is damaged ({error}); render with --fresh") from None


def _scene(stored: Sequence[Any]) -> Scene:
    scene = Scene(*stored)
    return scene._replace(kin=Kin.read(scene.kin))


def make_plan(
    film: Mapping[str, Any],
    look: LoadedPreset,
    analysis: Analysis,
    latent_dim: int,
    heard: Rows | None = None,
    sketch: Callable[[NDArray[np.float64]], Frames] | None = None,
) -> Plan:
    """Draws up the plan of the whole song; `excerpt` takes the film out of it.

    Args:
        film: from `film_inputs`.
        look: the preset.
        analysis: of the whole song, corrected by the film's cues.
        latent_dim: of the generator; of one that knows classes the last are their weights.
        heard: what Deep Music Visualizer hears; None unless the walk is its classic one.
        sketch: draws cheap pictures of places between prompts, by which these are spaced.
    """
    preset = look.preset
    recipe = film["generator"]["options"].get("recipe")
    usual = {"sd.guidance": preset.sd.guidance or float(recipe["guidance"])} if recipe else {}
    params = parameters(look, analysis, int(film["seed"]), usual)
    cues = Cues.from_json(film["cues"])
    params = apply_pins(params, cues, analysis)
    phase = params.pop("walk.phase")
    for name in params:
        section, _, knob = name.partition(".")
        if knob == "amount" and section not in preset.effects:
            params[name] = np.zeros_like(params[name])
    form, kin = preset.structure, descent(preset, int(film["seed"]))
    scenes = make_scenes(
        analysis.score, analysis.fps, analysis.n_frames, kin=kin, worlds=form.worlds,
        transition=form.transition, transition_bars=form.transition_bars, palettes=form.palettes,
    )  # fmt: skip
    wishes = timeline(cues, analysis, "seed"), timeline(cues, analysis, "palette")
    scenes = wished(scenes, kin, *wishes, analysis.fps)
    leads = in_scenes(params, scenes, preset, analysis.fps)
    pin_cameras(params, leads, scenes, cues, analysis)
    drawn = film["generator"]
    if drawn["name"] in ONE_WORLD:  # nothing comes in over anything: the way leads from one to the other
        if drawn["name"] == "sd":
            own = prompt_way(drawn["options"], preset, analysis, params, sketch)
        else:
            cast = drawn["options"]["classes"]
            latents = _scaled(
                paths(preset, scenes, analysis, phase, latent_dim - len(cast), heard), scenes, params, preset
            )
            rows = joined(latents, scenes), shares(preset, scenes, analysis, phase, cast, cues, heard)
            own = np.concatenate(rows, axis=1).astype(np.float32)
        merge_leads(params, leads, scenes)
        scenes, leads = tuple(scene._replace(lead=0) for scene in scenes), [{} for _ in scenes]
    else:
        latents = _scaled(paths(preset, scenes, analysis, phase, latent_dim, heard), scenes, params, preset)
        own = np.concatenate([z[scene.lead :] for z, scene in zip(latents, scenes, strict=True)]).astype(np.float32)
        for lead, z, scene in zip(leads, latents, scenes, strict=True):
            if scene.lead:
                lead["latents"] = z[: scene.lead].astype(np.float32)
    if film["restyle"]:
        params["restyle.prompt"] = place(film["restyle"]["frames"], analysis.n_frames)
    whole = {**film, "range": [0, analysis.n_frames]}
    facts = {"tempo_bpm": round(float(analysis.score.tempo_bpm), 3)}
    said = captions(film, cues, analysis)
    turning = turns(cues, analysis) if film["looks"] else ()
    return Plan(whole, scenes, own, params, tuple(leads), hits(analysis), facts, captions=said, turns=turning)


def _scaled(
    latents: Sequence[NDArray[np.float64]], scenes: Sequence[Scene], params: Mapping[str, Curve], preset: Preset
) -> list[NDArray[np.float64]]:
    """Latents that go along with a truncation that is moved."""
    wider = (params["walk.truncation"] / np.float32(preset.walk.truncation))[:, None]
    return [z * wider[scene.i0 - scene.lead : scene.i1] for z, scene in zip(latents, scenes, strict=True)]


def excerpt(whole: Plan, film: Mapping[str, Any]) -> Plan:
    """The frames of a film out of the plan of its whole song, as late as the film wants its picture.

    Args:
        whole: from `make_plan`.
        film: the same inputs, with the film's own range.
    """
    i0, i1 = film["range"]
    offset_ms = float(film["av_offset_ms"])
    later = round(offset_ms / 1000 * whole.fps)
    rows = np.clip(np.arange(i0, i1) - later, 0, whole.n_frames - 1)
    moved = _moved(whole.scenes, later, whole.n_frames)
    turning = _moved(whole.turns, later, whole.n_frames)
    seen = [k for k, scene in enumerate(moved) if scene.i0 - scene.lead < i1 and scene.i1 > i0]
    film_plan = Plan(
        film,
        tuple(moved[k] for k in seen),
        np.ascontiguousarray(whole.latents[rows]),
        {name: np.ascontiguousarray(curve[rows]) for name, curve in whole.params.items()},
        tuple(whole.leads[k] for k in seen),
        whole.events + np.array([offset_ms / 1000, 0.0]),
        whole.facts,
        captions=tuple(caption._replace(i0=caption.i0 + later, i1=caption.i1 + later) for caption in whole.captions),
        turns=tuple(turn for turn in turning if turn.i0 - turn.lead < i1 and turn.i1 > i0),
        thumbnails=whole.thumbnails,
    )
    if not film["explain"]:
        return film_plan
    after = min(whole.n_frames, i1 + round(LANE_SECONDS * whole.fps))
    rows = np.clip(np.arange(film_plan.lane_start, after) - later, 0, whole.n_frames - 1)
    routes = [parse_route(text, KINDS) for text in film["preset"]["values"]["routes"]]
    lanes = {name: whole.params[name][rows] for name in dict.fromkeys(route.target for route in routes)}
    return replace(film_plan, lanes=lanes)


def _moved(runs: Sequence[_Run], later: int, n_frames: int) -> list[_Run]:
    """Runs of frames when the picture comes ``later`` frames after the sound; the first and the last reach the ends."""
    last = len(runs) - 1
    return [
        run._replace(i0=run.i0 + later if k else 0, i1=run.i1 + later if k < last else n_frames)
        for k, run in enumerate(runs)
    ]


def parameters(
    look: LoadedPreset, analysis: Analysis, seed: int, usual: Mapping[str, float] | None = None
) -> dict[str, NDArray[np.float32]]:
    """Every parameter over the whole song, name → (n_frames,): what the preset says, moved by its routes.

    The analysis must hold the signals of the stems that the routes name; ``usual`` are values that stand in for the
    preset's.
    """
    base = {name: _value(look.preset, name) for name in targets()} | dict(usual or {})
    form = look.preset.structure
    routes = (*look.routes, *programmes(form.anticipation, form.release, KINDS))
    hearing = Hearing(analysis, KINDS, descent(look.preset, seed).way, look.curves)
    return modulate(routes, base, hearing, look.preset.structure.rest)


def descent(preset: Preset, seed: int) -> Kin:
    """The world of a film's first label: the seed's own, or that child of the preset's parents."""

    def elder(ancestor: Ancestor) -> Kin:
        variation = ancestor.variation if ancestor.parents else 0.0
        return Kin(ancestor.seed, tuple(elder(a) for a in ancestor.parents), variation)

    return elder(Ancestor(seed=seed, parents=preset.cppn.parents, variation=preset.cppn.variation))


def _value(preset: Preset, target: str) -> float:
    section, name = target.split(".")
    return float(getattr(getattr(preset, section), name))


def hits(analysis: Analysis, offset_ms: float = 0.0) -> NDArray[np.float64]:
    """Kicks (else onsets), what a viewer should see on time: (n, 2) float64, seconds and heights."""
    curve = analysis.signals["kick"] if np.any(analysis.signals["kick"]) else analysis.signals["onset"]
    at = np.flatnonzero(curve)
    return np.stack([at / float(analysis.fps) + offset_ms / 1000, curve[at]], axis=1)


def _save_array(folder: Path, array: NDArray[Any]) -> dict[str, Any]:
    whole = np.ascontiguousarray(array)
    digest = hashlib.sha256(whole.data if whole.size else repr(whole.shape).encode()).hexdigest()
    path = folder / f"{digest}.npy"
    if not path.exists():
        part = folder / f"{digest}.part"
        with part.open("wb") as file:
            np.save(file, whole)
        part.replace(path)
    return {"sha256": digest, "shape": list(whole.shape), "dtype": str(whole.dtype)}


def _load_array(folder: Path, entry: Mapping[str, Any]) -> NDArray[Any]:
    mapped = 0 not in entry["shape"]
    array = np.load(folder / f"{entry['sha256']}.npy", mmap_mode="r" if mapped else None)
    if list(array.shape) != entry["shape"] or str(array.dtype) != entry["dtype"]:
        raise ValueError(f"array {entry['sha256'][:12]} has shape {array.shape}, not {entry['shape']}")
    return array.view(np.ndarray)  # type: ignore[no-any-return]  # of the same bytes; a memmap's slices are slow
