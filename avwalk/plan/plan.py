"""The Plan: song + preset + seed, resolved. Pure data; all that a worker needs to draw any frame."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.config.preset import Preset
from avwalk.contracts import Birth, Caption, Drive, Lineage, Lyric, PresetSpan, Shot
from avwalk.effects.explain import SECONDS as LANE_SECONDS
from avwalk.errors import PlanError
from avwalk.files.atomic import atomic_file, output_error, raise_if_short_of_files, save_array
from avwalk.spec import FilmSpec

_FRAME, _LIFE = Birth._fields.index("frame"), Birth._fields.index("life")
_STREAMS = {"cppn.phase": Birth._fields.index("phase"), "camera.depth": Birth._fields.index("depth")}
_KEYS = {"film", "facts", "scenes", "captions", "decisions", "decisions_sha256", "turns", "looks", "arrays"}


@dataclass(frozen=True)
class Decisions:
    """What planning decided that steers drawing and checking: a resumed film goes on with it.

    Attributes:
        batch: images that a network draws at once; None: the generator has no batches, or decides by itself. The
            last bits of an image may depend on it.
        flashes: most flashes in any second, as the film was seen in advance; None: it was not, and they are counted
            while it is written.
        poster: index of the most telling frame; None: none was chosen.
    """

    batch: int | None = None
    flashes: float | None = None
    poster: int | None = None

    @property
    def digest(self) -> str:
        """sha256 of them, 64 hexadecimal digits. The film's hash is one of inputs, and these are no inputs."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Plan:
    """A film, planned.

    Attributes:
        film: everything that decides the film. `hash` is made of it.
        shots: runs of frames in one world each; they cover the range, and may begin before and end behind it.
        latents: (last − first, latent_dim) float32; may be memory-mapped.
        params: target, and the names of `EXPOSURE` → (last − first,) float32.
        leads: for each shot what differs from the shot before while it comes in: ``latents``, (lead, latent_dim),
            and parameters, (lead,), float32; of a loop, whose end is its beginning, also ``births``.
        events: (n, 2) float64: times (seconds of the song) and heights of the hits the picture should show.
        facts: what was found out, for people: ``tempo_bpm``, … Nothing is decided by them.
        decisions: what was decided while planning, besides the arrays.
        lanes: of a film that explains itself, the targets that routes move, from `lane_start` on: also the seconds
            before and after the film.
        lane_ranges: of each lane its lowest and highest value in the whole song.
        captions: of the whole song, those outside of the film included: they take part in who stands where.
        preset_spans: which preset has the picture when, where cues pin some; none: the film's own has it throughout.
        thumbnails: of the whole song, evenly spread, (n, h, w, 3) sRGB; none where the generator cannot be previewed.
        presets: name → the same film in a pinned preset.
        margins: how many frames before and after those of an excerpt the curves go on: as many as its stages look
            back and ahead, and the song has.
        births: (k, 9) float64, rows of `Birth`, ascending by frame: the matter that hits make.
        trace: (past + last − first, columns) float16: the sound that is drawn, in the last rows that of its frames; may
            be memory-mapped; (0, 0): none is.
        pictures: ``overlay`` and ``subject``, where there are such → (h, w, 4), R G B and straight alpha.
        lyrics: of the whole song, ascending by first frame; none where the film does not show them.
    """

    film: FilmSpec
    shots: tuple[Shot, ...]
    latents: NDArray[np.float32]
    params: Mapping[str, NDArray[np.float32]]
    leads: tuple[Mapping[str, NDArray[Any]], ...]
    events: NDArray[np.float64]
    facts: Mapping[str, Any] = field(default_factory=dict)
    decisions: Decisions = Decisions()
    lanes: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    captions: tuple[Caption, ...] = ()
    preset_spans: tuple[PresetSpan, ...] = ()
    thumbnails: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, 0, 0, 3), np.uint8))
    presets: Mapping[str, Plan] = field(default_factory=dict)
    lane_ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    margins: tuple[int, int] = (0, 0)
    births: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, len(Birth._fields))))
    trace: NDArray[np.float16] = field(default_factory=lambda: np.zeros((0, 0), np.float16))
    pictures: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    lyrics: tuple[Lyric, ...] = ()

    @property
    def hash(self) -> str:
        """Of everything that decides the pixels; not of worker counts or file names."""
        return self.film.hash

    @cached_property
    def preset(self) -> Preset:
        """The values of the film's preset."""
        return Preset.model_validate(self.film.look.preset.values)

    @property
    def decisions_digest(self) -> str:
        """sha256 of its decisions and of those of its pinned presets: segments drawn by others are not taken."""
        digests = [self.decisions.digest, *(plan.decisions_digest for plan in self.presets.values())]
        return hashlib.sha256(" ".join(digests).encode()).hexdigest()

    @property
    def i0(self) -> int:
        """First frame, counted from the start of the song."""
        return self.film.span[0]

    @property
    def i1(self) -> int:
        """One past the last frame."""
        return self.film.span[1]

    @property
    def first(self) -> int:
        """First frame that can be drawn: warms up what looks back."""
        return self.i0 - self.margins[0]

    @property
    def last(self) -> int:
        """One past the last frame that can be drawn."""
        return self.i1 + self.margins[1]

    @property
    def lane_start(self) -> int:
        """First frame of the lanes."""
        return max(0, self.i0 - round(LANE_SECONDS * self.fps))

    @property
    def past(self) -> int:
        """Rows of the trace before that of the first frame."""
        return max(0, len(self.trace) - len(self.latents))

    @property
    def n_frames(self) -> int:
        """Frames of this film."""
        return self.i1 - self.i0

    @property
    def fps(self) -> Fraction:
        """Frames per second."""
        return self.film.fps

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.film.size

    def drive(self, i0: int, i1: int) -> Drive:
        """What is needed to draw frames [i0, i1) of the song.

        Raises:
            PlanError: frames outside this film and its margins.
        """
        if not self.first <= i0 < i1 <= self.last:
            raise PlanError(f"frames {i0}–{i1} are not in this film, which has {self.first}–{self.last}")
        a, b = i0 - self.first, i1 - self.first
        params = {name: curve[a:b] for name, curve in self.params.items()}
        births, trace = alive(self.births, i0, i1), self.trace[a : b + self.past]
        return Drive(i0, self.latents[a:b], params, self.fps, self.film.seed, births=births, trace=trace)

    def lead(self, k: int, i0: int, i1: int) -> Drive:
        """What is needed to draw frames [i0, i1) of shot ``k`` before its first frame, while it comes in."""
        shot, own = self.shots[k], self.leads[k]
        drive, at = self.drive(i0, i1), i0 - (shot.i0 - shot.lead)
        rows = {name: curve[at : at + i1 - i0] for name, curve in own.items() if name not in ("births", "trace")}
        latents, births = rows.pop("latents"), own.get("births", self.born(k))
        trace = own["trace"][at : at + i1 - i0 + self.past] if "trace" in own else drive.trace
        params = {**drive.params, **rows}
        return replace(drive, latents=latents, params=params, births=alive(births, i0, i1), trace=trace)

    def born(self, k: int) -> NDArray[np.float64]:
        """The births that shot ``k`` shows, rows of `Birth`: those since it began to come in, or since the shot did
        that it goes on in other colours.

        Each shot streams and dives from its own beginning, so what is born while it comes in is born at another
        phase and depth in it than in the shot before.
        """
        shot, own = self.shots[k], self.leads[k]
        first = k
        while first and _goes_on(self.shots[first - 1], self.shots[first]):
            first -= 1
        rows = self.births[self.births[:, _FRAME] >= self.shots[first].i0 - self.shots[first].lead]
        early = np.flatnonzero((rows[:, _FRAME] < shot.i0) & (rows[:, _FRAME] >= shot.i0 - shot.lead))
        at = rows[early, _FRAME].astype(np.int64) - (shot.i0 - shot.lead)
        for name, column in _STREAMS.items():
            if name in own:
                rows[early, column] = own[name][at]
        return rows

    def save(self, folder: Path) -> None:
        """Writes ``plan.json`` and the arrays, each named by its sha256, into a folder. The JSON comes last.

        Raises:
            OutputError: it cannot be written.
        """
        try:
            self._save(folder)
        except OSError as error:
            raise output_error(folder, error) from None

    def _save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for k, preset in enumerate(self.presets.values()):
            preset.save(folder / f"look-{k}")
        arrays: dict[str, NDArray[Any]] = {
            name: getattr(self, name) for name in ("latents", "events", "thumbnails", "births", "trace")
        }
        arrays |= {f"params/{name}": curve for name, curve in self.params.items()}
        arrays |= {f"pictures/{name}": picture for name, picture in self.pictures.items()}
        arrays |= {f"lanes/{name}": curve for name, curve in self.lanes.items()}
        arrays |= {f"leads/{k}/{name}": a for k, lead in enumerate(self.leads) for name, a in lead.items()}
        index = {name: _save_array(folder, array) for name, array in arrays.items()}
        stored: dict[str, Any] = {"film": self.film.to_json(), "facts": self.facts}
        stored |= {"scenes": self.shots, "captions": self.captions}
        stored |= {"decisions": asdict(self.decisions), "decisions_sha256": self.decisions.digest}
        stored |= {"turns": self.preset_spans, "looks": list(self.presets), "arrays": index}
        stored |= {"margins": self.margins, "lane_ranges": self.lane_ranges, "lyrics": self.lyrics}
        stored = json.loads(json.dumps(stored))
        stored["sha256"] = _digest(stored)
        text = json.dumps(stored, indent=1, ensure_ascii=False)
        with atomic_file(folder / "plan.json") as part:
            part.write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path | str) -> Plan:
        """Reads what `save` wrote; arrays stay on disk and are read by slice.

        Raises:
            PlanError: no plan there, or one that is damaged.
            OutputError: too many files are open.
        """
        folder = Path(folder)
        try:
            stored = _checked(json.loads((folder / "plan.json").read_text(encoding="utf-8")))
            arrays = {name: _load_array(folder, entry) for name, entry in stored["arrays"].items()}
            params = {name.removeprefix("params/"): a for name, a in arrays.items() if name.startswith("params/")}
            lanes = {name.removeprefix("lanes/"): a for name, a in arrays.items() if name.startswith("lanes/")}
            pictures = {name[9:]: np.array(a) for name, a in arrays.items() if name.startswith("pictures/")}
            shots = tuple(_shot(fields) for fields in stored["scenes"])
            leads: tuple[dict[str, NDArray[Any]], ...] = tuple({} for _ in shots)
            for name, array in arrays.items():
                if name.startswith("leads/"):
                    _, k, what = name.split("/")
                    leads[int(k)][what] = array
            events = np.array(arrays["events"])
            said = tuple(Caption(i0, i1, kind, tuple(rows), ease) for i0, i1, kind, rows, ease in stored["captions"])
            presets = {name: cls.load(folder / f"look-{k}") for k, name in enumerate(stored["looks"])}
            turning = tuple(PresetSpan(*fields) for fields in stored["turns"])
            before, after = stored.get("margins", (0, 0))
            ranges = {name: (low, high) for name, (low, high) in stored.get("lane_ranges", {}).items()}
            decisions = Decisions(**stored["decisions"])
            if decisions.digest != stored["decisions_sha256"]:
                raise ValueError("its decisions are not those that it was saved with")
            return cls(
                FilmSpec.from_json(stored["film"]),
                shots,
                arrays["latents"],
                params,
                leads,
                events,
                stored["facts"],
                decisions,
                lanes,
                said,
                turning,
                np.array(arrays["thumbnails"]),
                presets,
                ranges,
                (before, after),
                np.array(arrays["births"]) if "births" in arrays else np.zeros((0, len(Birth._fields))),
                arrays.get("trace", np.zeros((0, 0), np.float16)),
                pictures,
                tuple(_lyric(fields) for fields in stored.get("lyrics", ())),
            )
        except FileNotFoundError as error:
            raise PlanError(f"no plan in '{folder}': {Path(str(error.filename)).name} is missing") from None
        except (ValueError, LookupError, TypeError, AttributeError, OSError, *_BROKEN) as error:
            if isinstance(error, OSError):
                raise_if_short_of_files(folder, error)
            raise PlanError(f"the plan in '{folder}' is damaged ({error}); render with --fresh") from None


def _goes_on(before: Shot, shot: Shot) -> bool:
    """Whether a shot is the world of the one before it in other colours, on the same way."""
    return before.i1 == shot.i0 and before._replace(**_COLOURED) == shot._replace(**_COLOURED)


_COLOURED: dict[str, Any] = {"i0": 0, "i1": 0, "lead": 0, "palette": None, "transition": ""}
"""In what parts of a shot may differ."""


def alive(births: NDArray[np.float64], i0: int, i1: int) -> NDArray[np.float64]:
    """The births, rows of `Birth`, of what is there in some of the frames [i0, i1)."""
    first, life = births[:, _FRAME], births[:, _LIFE]
    return births[(first < i1) & (first + life > i0)]


_BROKEN = (EOFError, SyntaxError, RecursionError, OverflowError, TokenError)
"""What NumPy and the parsers of Python say of files that are not whole."""


def _shot(stored: Sequence[Any]) -> Shot:
    shot = Shot(*stored)
    return shot._replace(lineage=Lineage.read(shot.lineage))


def _lyric(stored: Sequence[Any]) -> Lyric:
    lyric = Lyric(*stored)
    return lyric._replace(words=tuple((text, start, end) for text, start, end in lyric.words))


def _digest(stored: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(stored, sort_keys=True).encode()).hexdigest()


def _checked(stored: dict[str, Any]) -> dict[str, Any]:
    """What a ``plan.json`` says, if it is what was saved. Those of earlier versions hold the same keys, and no sum."""
    digest = stored.pop("sha256", None)
    if digest != _digest(stored) if digest is not None else set(stored) != _KEYS:
        raise ValueError("plan.json is not as it was saved")
    return stored


def _save_array(folder: Path, array: NDArray[Any]) -> dict[str, Any]:
    whole = np.ascontiguousarray(array)
    digest = hashlib.sha256(whole.data if whole.size else repr(whole.shape).encode()).hexdigest()
    entry = {"sha256": digest, "shape": list(whole.shape), "dtype": str(whole.dtype)}
    path = folder / f"{digest}.npy"
    try:
        _load_array(folder, entry)  # another array of this plan is the same, or the plan is saved again
    except (OSError, ValueError):
        save_array(path, whole, sync="file")
    return entry


def _load_array(folder: Path, entry: Mapping[str, Any]) -> NDArray[Any]:
    """An array, if it is what was saved: its file's bytes are hashed, block by block."""
    if not re.fullmatch("[0-9a-f]{64}", entry["sha256"]):
        raise ValueError("an array is named by no sha256")
    mapped, name = 0 not in entry["shape"], entry["sha256"][:12]
    path = folder / f"{entry['sha256']}.npy"
    try:
        array = np.load(path, mmap_mode="r" if mapped else None)
    except OSError:
        raise
    except Exception:  # of a header that is damaged whatever its parser meets
        raise ValueError(f"array {name} cannot be read") from None
    if list(array.shape) != entry["shape"] or str(array.dtype) != entry["dtype"]:
        raise ValueError(f"array {name} has shape {array.shape}, not {entry['shape']}")
    digest = hashlib.sha256(b"" if mapped else repr(array.shape).encode())
    if mapped:
        with path.open("rb") as file:  # not the map: what is read of it counts as memory of this process
            file.seek(array.offset)
            while block := file.read(1 << 20):
                digest.update(block)
    if digest.hexdigest() != entry["sha256"]:
        raise ValueError(f"array {name} is not as it was saved")
    return array.view(np.ndarray)  # type: ignore[no-any-return]  # of the same bytes; a memmap's slices are slow
