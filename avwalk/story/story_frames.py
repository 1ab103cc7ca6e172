"""The frames of a story's film: a picture under a camera for each storylet, the title before the first word.

A frame is a function of the film and its number: which pictures are seen, from where, and what is written over them.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from avwalk.arrays.crossfade import crossfade
from avwalk.arrays.interpolation import smoothstep
from avwalk.config.text import Text as Style
from avwalk.contracts import Caption, Drive, Frames, Lyric
from avwalk.effects.writing.lyrics import Lyrics
from avwalk.effects.writing.text import Text
from avwalk.files import image_meta
from avwalk.frames.still_camera import Move, camera_move, for_camera, view_of

WALK_SECONDS = 1.2
"""How long two pictures are mixed where one walks into the next."""
FADE_SECONDS = 1.0
"""In which the film comes out of black and goes into it."""
_KEPT = 3  # pictures in memory
_CARD_BLUR, _CARD_LIGHT = 0.03, 0.45  # of the shorter side; of what is behind the title


class Shown(NamedTuple):
    """A storylet's picture in the film.

    Attributes:
        number: of the storylet.
        i0: frame on which its first word is said.
        i1: one past its last frame.
        picture: the file; None: there is none, a plain card is shown.
        move: of the camera.
    """

    number: int
    i0: int
    i1: int
    picture: Path | None
    move: Move


@dataclass(frozen=True)
class StoryShots:
    """What is seen when.

    Attributes:
        shots: ascending, without gaps; the first begins behind the title.
        fps: frames per second.
        size: width and height.
        walk: whether pictures are mixed where they meet, else they are cut.
        still: whether the camera rests.
    """

    shots: tuple[Shown, ...]
    fps: Fraction
    size: tuple[int, int]
    walk: bool
    still: bool

    @property
    def n_frames(self) -> int:
        """Of the film."""
        return self.shots[-1].i1

    @property
    def lead(self) -> int:
        """Frames over which pictures are mixed."""
        return round(WALK_SECONDS * self.fps) if self.walk else 0

    def pictures_of(self, i: int) -> list[tuple[int, float]]:
        """Which shots are seen on a frame, and how much of each is: the second over the first."""
        k = next((k for k, shot in enumerate(self.shots) if i < shot.i1), len(self.shots) - 1)
        shot = self.shots[k]
        lead = min(self.lead, shot.i1 - shot.i0)
        if k and i < shot.i0 + lead:  # it begins with the first word: the change is on its frame
            return [(k - 1, 1.0), (k, (i - shot.i0 + 1) / (lead + 1))]
        return [(k, 1.0)]

    def view_share(self, k: int, i: int) -> float:
        """How far a shot's camera is on a frame, 0 to 1."""
        shot = self.shots[k]
        return 0.5 if self.still else (i - shot.i0) / max(1, shot.i1 - shot.i0 + self.lead - 1)


def shots_of(
    frames: Sequence[int], n_frames: int, pictures: Sequence[Path | None], seeds: Sequence[int], fps: Fraction
) -> tuple[Shown, ...]:
    """The shots of a film.

    Args:
        frames: on which each storylet begins.
        n_frames: of the film.
        pictures: of each storylet.
        seeds: of each storylet.
        fps: frames per second.
    """
    ends = [*frames[1:], n_frames]
    return tuple(
        Shown(k, i0, i1, picture, camera_move(seed, k, float((i1 - i0) / fps)))
        for k, (i0, i1, picture, seed) in enumerate(zip(frames, ends, pictures, seeds, strict=True), 1)
    )


class StorySource:
    """Frames of a story's film; thread-safe.

    Args:
        shots: what is seen.
        captions: the title.
        lyrics: what is said, burnt in; none: it is not.
        style: of what is written.
        profile: what the film is for, see `avwalk.effects.safe_area.safe_area`.
    """

    failed_frames: tuple[int, ...] = ()

    def __init__(
        self,
        shots: StoryShots,
        captions: Sequence[Caption],
        lyrics: Sequence[Lyric],
        style: Style,
        profile: str = "",
    ) -> None:
        self._shots = shots
        self._text = Text(captions, shots.size, style) if captions else None
        taken = self._text.areas if self._text else ()
        self._lyrics = Lyrics(lyrics, shots.size, style, profile, taken) if lyrics else None
        self._pictures: dict[int, Frames] = {}
        self._lock = threading.Lock()

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1): (i1 − i0, H, W, 3) float32 in [0, 1]."""
        made = np.stack([self._frame(i) for i in range(i0, i1)])
        drive = Drive(i0, np.zeros((i1 - i0, 0), np.float32), {}, self._shots.fps, 0)
        for effect in (self._text, self._lyrics):
            made = effect.apply(made, drive) if effect else made
        for k in range(len(made)):
            if (light := self._light(i0 + k)) < 1:
                made[k] *= np.float32(light)
        return np.clip(made, 0, 1, out=made)

    def _frame(self, i: int) -> Frames:
        first = self._shots.shots[0].i0
        if i < first:
            return self._card()
        layers = self._shots.pictures_of(i)
        frame = self._view(layers[0][0], i)
        for k, share in layers[1:]:
            crossfade(frame, self._view(k, i), share)
        return frame

    def _view(self, k: int, i: int) -> Frames:
        shot = self._shots.shots[k]
        view = shot.move.at(self._shots.view_share(k, i))
        return np.ascontiguousarray(view_of(self._picture(k), view, self._shots.size))

    def _card(self) -> Frames:
        """What is behind the title: the first picture, soft and dark."""
        width, height = self._shots.size
        picture = view_of(self._picture(0), self._shots.shots[0].move.at(0.0), self._shots.size)
        soft = cv2.GaussianBlur(picture, (0, 0), _CARD_BLUR * min(width, height), borderType=cv2.BORDER_REFLECT_101)
        return np.asarray(soft * np.float32(_CARD_LIGHT), np.float32)

    def _picture(self, k: int) -> Frames:
        with self._lock:
            found = self._pictures.get(k)
        if found is None:
            path = self._shots.shots[k].picture
            found = for_camera(image_meta.read(path) if path else plain_card(self._shots.size), self._shots.size)
            with self._lock:
                self._pictures[k] = found
                for old in list(self._pictures)[: -_KEPT or None]:
                    del self._pictures[old]
        return found

    def _light(self, i: int) -> float:
        """Out of black at the start, into black at the end."""
        frames = FADE_SECONDS * float(self._shots.fps)
        left = self._shots.n_frames - i
        return float(smoothstep(min(1.0, (i + 1) / (frames / 2), left / frames)))


def plain_card(size: tuple[int, int]) -> Frames:
    """What is seen where a picture failed: a dark field, a little lighter in the middle."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    away = np.hypot((x + 0.5) / width - 0.5, (y + 0.5) / height - 0.5)
    light = (0.16 - 0.12 * np.clip(away / 0.7, 0, 1)).astype(np.float32)
    return np.repeat(light[..., None], 3, axis=2) * np.array([0.9, 0.95, 1.1], np.float32)
