"""The segments of a song's film: what is there of them, and what draws the others, in this process or in another."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from avwalk.contracts import Frames, Source
from avwalk.errors import PlanError
from avwalk.files.checksums import State
from avwalk.frames.generators import GeneratorPool
from avwalk.plan.plan import Plan
from avwalk.rendering.partial_segment import n_done, partial_pictures
from avwalk.rendering.segment_label import SegmentLabels
from avwalk.rendering.work_folder import plan_folder, segment_file
from avwalk.rendering.writers import FilmWriter, PictureWriter, measured_state, pictures_state
from avwalk.runners.segment_work import Drawing
from avwalk.runners.segments import Segment
from avwalk.video.encode import SegmentEncoder
from avwalk.video.flashes import FlashMeter

SourceOf = Callable[[Plan, GeneratorPool], Source]
"""The frames of a plan: a function of a module, so that another process can be told which."""


@dataclass(frozen=True)
class SongSegments:
    """The segments of a planned film of a song.

    Attributes:
        plan: what is seen.
        work: the work folder.
        as_pictures: whether the film is a folder of pictures.
    """

    plan: Plan
    work: Path
    as_pictures: bool

    @property
    def is_unseen(self) -> bool:
        """Whether nobody knows in advance what it will show, so that its flashes are counted while it is written."""
        return self.plan.film.look.restyle is not None or self.plan.decisions.flashes is None

    @property
    def pictures(self) -> Path:
        """Folder of the pictures, while they are drawn."""
        return self.work / "frames"

    @cached_property
    def labels(self) -> SegmentLabels:
        """What the segments are made for."""
        return SegmentLabels(self.plan)

    def state(self, segment: Segment) -> State:
        """What is there of a segment that an earlier run may have left."""
        file = segment_file(self.work, segment)
        if self.as_pictures:
            return pictures_state(file, segment, self.labels.label(segment), self.pictures)
        return measured_state(file, segment, self.labels.label(segment))

    def n_done(self, segment: Segment) -> int:
        """How many first frames there are of a segment that was cut short."""
        file = segment_file(self.work, segment)
        if self.as_pictures:
            return len(partial_pictures(file, self.pictures, segment, self.labels.label(segment)))
        return n_done(file, self.plan.size, self.labels.label(segment), self.plan.film.encoder.pix_fmt)

    def drawing(self, source: Source) -> Drawing[Frames]:
        """What draws segments that are not there."""
        width, height = self.plan.size
        return Drawing(source, self._picture_writer if self.as_pictures else self._film_writer, width * height * 12)

    def _film_writer(self, segment: Segment) -> FilmWriter:
        plan, film, file = self.plan, self.plan.film, segment_file(self.work, segment)
        encoder = SegmentEncoder(file, plan.size, plan.fps, film.encoder, film.seed, segment.i0)
        return FilmWriter(
            encoder, plan.size, FlashMeter(plan.fps) if self.is_unseen else None, self.labels.label(segment)
        )

    def _picture_writer(self, segment: Segment) -> PictureWriter:
        file = segment_file(self.work, segment)
        return PictureWriter(file, self.pictures, self.plan.film.seed, segment, self.labels.label(segment))


@dataclass(frozen=True)
class SongWorker:
    """Makes what draws segments in another process, which sees the work folder. Can be pickled.

    Attributes:
        source_of: gives the frames of the plan.
        work: the work folder.
        as_pictures: whether the film is a folder of pictures.
        source: path of the video or folder whose pictures it shows; empty: none.
    """

    source_of: SourceOf
    work: Path
    as_pictures: bool
    source: str

    def __call__(self) -> Drawing[Frames]:
        """The plan is read, and models are loaded.

        Raises:
            PlanError: this machine does not see the work folder.
        """
        if not self.work.exists():
            raise PlanError(
                f"machine '{socket.gethostname()}' does not see '{self.work}'; --work names a folder that all machines "
                "share, or a URL such as s3://BUCKET/FOLDER"
            )
        plan = Plan.load(plan_folder(self.work))
        source = self.source_of(plan, GeneratorPool(plan.film, self.source, plan.pictures.get("subject")))
        return SongSegments(plan, self.work, self.as_pictures).drawing(source)
