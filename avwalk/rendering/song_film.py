"""A film of a song: what its plan and its request say, as a job; and what only such films have.

These are: how the picture follows the hits, a folder of pictures instead of a film, and a poster.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from avwalk.arrays.colour import to_8bit
from avwalk.contracts import Frames, Source
from avwalk.errors import VideoError
from avwalk.events import warning
from avwalk.files.atomic import move, write_file
from avwalk.files.checksums import is_labelled, recorded
from avwalk.files.jpeg_text import with_text
from avwalk.files.png_text import put_text
from avwalk.generators.stable_diffusion import working_size
from avwalk.plan.plan import Plan
from avwalk.plan.prompts import keyframes_of, parameters_at
from avwalk.rendering.draw import Report, Runner, draw
from avwalk.rendering.earlier_film import (
    Taken,
    earlier_films,
    picture_names,
    pictures_digest,
    redrawn,
    take,
    take_pictures,
)
from avwalk.rendering.finish import SUBTITLED, finish, keep_partial, publish
from avwalk.rendering.job import FilmFile, FilmJob, Piece
from avwalk.rendering.segment_cache import CachedSegment, remember
from avwalk.rendering.song_segments import SongSegments, SongWorker, SourceOf
from avwalk.rendering.soundtrack import Soundtrack
from avwalk.rendering.work_folder import WorkFolder
from avwalk.rendering.writers import measure_sync, measured_changes, processors_of
from avwalk.request.earlier import changes, edit_of, film_facts
from avwalk.request.metadata import metadata
from avwalk.request.output import Output
from avwalk.request.resolve import Request
from avwalk.runners.segment_work import Drawing
from avwalk.runners.segments import partition
from avwalk.runners.stages import Stages
from avwalk.spec import FilmSpec
from avwalk.video.segment_packets import file_digest
from avwalk.video.subtitle_track import Subtitle, in_turn
from avwalk.words.files import write_words
from avwalk.words.stored import lines_of
from avwalk.words.transcript import Line, Transcript, words_of

SOUND = "sound"
"""Name of the encoded sound in the work folder."""


class SongFilm:
    """A planned film of a song.

    Args:
        plan: what is seen.
        request: what was asked for.
        work: where its pieces are kept.
        output: where it goes.

    Attributes:
        job: the film, as far as drawing and joining it is concerned.
    """

    def __init__(self, plan: Plan, request: Request, work: WorkFolder, output: Output) -> None:
        self._plan, self._work, self._output = plan, work, output
        self._earlier = [] if request.options.fresh else earlier_films(output.path, request.earlier)
        self._taken = Taken()
        self._has_poster = False
        self._tags = metadata(request)
        self._segments = SongSegments(plan, work.path, output.pictures)
        self.job = FilmJob(
            song=request.song,
            clock=request.clock,
            size=plan.size,
            encoder=request.film.encoder,
            segments=partition(plan.i0, plan.i1, plan.film.segment_frames),
            hash=plan.hash,
            tempo_bpm=plan.facts["tempo_bpm"],
            retry="--fresh starts anew",
            audio=request.options.audio,
            workers=request.options.workers,
            subtitles=_subtitles(plan.film),
        )

    @property
    def is_unseen(self) -> bool:
        """Whether nobody knows in advance what it will show, so that its flashes are counted while it is written."""
        return self._segments.is_unseen

    def soundtrack(self) -> Soundtrack:
        """Its sound, to be encoded beside the pictures; a folder of pictures has none."""
        plan = self._plan
        sounds = {} if self._output.pictures else {SOUND: self.job.sound(plan.i0, plan.i1)}
        return Soundtrack(sounds, self._work.path, self.job.hash)

    def drawing(self, source: Source) -> Drawing[Frames]:
        """What draws its segments in this process."""
        return self._segments.drawing(source)

    def worker(self, source_of: SourceOf, source: str) -> SongWorker:
        """What draws its segments in another process; ``source``: path of the video that it shows, or empty."""
        place = str(Path(source).absolute()) if source else ""  # other processes may run in other folders
        return SongWorker(source_of, self._work.path.absolute(), self._output.pictures, place)

    def draw(self, run: Runner, report: Report) -> tuple[int, Stages]:
        """Draws what is not there yet; see `avwalk.rendering.draw.draw`. What an interrupt leaves can be watched."""
        self._work.go_on(self._segments.labels.label, self.job.segments)
        self._take(report)
        return draw(self.job, run, self._segments, self._work, report, on_interrupt=self._keep_partial)

    def _keep_partial(self, pieces: Sequence[Piece]) -> None:
        if not self._output.pictures:
            keep_partial(self.job, pieces, self._output.partial, self._tags)

    def _take(self, report: Report) -> None:
        """Takes what is as it was out of the film as it was before it was edited; says what is drawn again, and why."""
        job, labels, work = self.job, self._segments.labels, self._work
        there = {each for each in job.segments if is_labelled(work.file(each), labels.label(each))}
        if self._output.pictures:
            folders = (film for film in self._earlier if film.is_dir())
            taken = (take_pictures(folder, job, labels, work.file, self._frames, there) for folder in folders)
            self._taken = next(taken, Taken())
        else:
            self._taken = take(self._earlier, job, labels, work.file, there)
        if self._taken:
            again = redrawn(self._taken, job.segments, float(job.fps), there)
            n = len(self._taken.segments) or "none"
            said = f"; drawn again: {again}" if again else ""
            why = f"; changed: {self._changes}" if again and self._changes else ""
            report(warning(f"{n} of {len(job.segments)} segments as before{said}{why}"))

    @property
    def _frames(self) -> Path:
        """Folder of the pictures, while they are drawn."""
        return self._segments.pictures

    def finish(self, soundtrack: Soundtrack) -> dict[str, Any]:
        """Makes the film of its segments, see `avwalk.rendering.finish.finish`; `publish` gives it its name.

        Returns:
            ``lag_frames``, ``correlation``, ``luma_pump`` of the picture against the song's hits, None where there
            are too few; ``flicker`` and ``flashes``. All None for pictures.

        Raises:
            VideoError: the film is not what it should be, or pictures are missing.
            OutputError: it cannot be written.
        """
        if self._output.pictures:
            self._tags = self._edited_tags()
            self._tell_pictures()
            self._remember()
            return dict.fromkeys(("lag_frames", "correlation", "luma_pump", "flicker", "flashes"))
        plan, path = self._plan, self._output.path
        pieces = [self._work.piece(segment) for segment in self.job.segments]
        if len(names := processors_of(piece.file for piece in pieces)) > 1:
            told = ", ".join(sorted(names))
            logging.getLogger(__name__).warning(
                f"drawn by several processors ({told}): alike to the eye, not to the bit"
            )
        film = FilmFile(path, plan.i0, plan.i1, self._edited_tags())
        hits = np.column_stack([np.round(plan.events[:, 0] * float(plan.fps)) - plan.i0, plan.events[:, 1]])
        flashes = None if self.is_unseen else plan.decisions.flashes
        sync = measure_sync([piece.file for piece in pieces], hits, plan.fps, flashes)
        finish(self.job, film, pieces, soundtrack.ready(SOUND), self._made)
        self._remember()
        return sync

    @property
    def _changes(self) -> str:
        """What this film is told otherwise than the one before."""
        before = next((found for film in self._earlier if (found := film_facts(film))), {})
        return changes(before, json.loads(self._tags["avwalk"])) if before and self._tags else ""

    def _edited_tags(self) -> dict[str, str]:
        """What the film says of itself: if it was edited, also what was drawn again; what is as a whole as it was says
        what the film before did."""
        segments, again = self.job.segments, redrawn(self._taken, self.job.segments, float(self.job.fps))
        if not (self._taken and self._tags):
            return self._tags
        edit: dict[str, Any] = {"kept": len(self._taken.segments), "segments": len(segments), "drawn_again": again}
        edit |= {"changed": self._changes} if self._changes else {}
        if not again:
            edit = next((found for film in self._earlier if (found := edit_of(film_facts(film)))), {})
        text = json.dumps(
            {**json.loads(self._tags["avwalk"]), **({"edit": edit} if edit else {})}, separators=(",", ":")
        )
        return {**self._tags, "avwalk": text}

    def _remember(self) -> None:
        """Keeps what is known of the segments, for the next edit."""
        known: dict[str, CachedSegment] = {}
        for each in self.job.segments:
            if each in self._taken.segments:
                continue
            file, labels = self._work.file(each), self._segments.labels
            if self._output.pictures:
                told = {Path(name).name: digest for name, digest in recorded(file).items()}
                digest, changes = pictures_digest([told[name] for name in picture_names(each)]), np.zeros((4, 0))
            else:
                digest, changes = file_digest(file, each.i1 - each.i0), measured_changes(file)
            known[digest] = CachedSegment(labels.label(each), labels.aspects(each), changes)
        remember(known)

    def publish(self) -> None:
        """Gives the poster, if one was made, and the film or the folder of its pictures the final name: the last step.

        Raises:
            OutputError: it cannot be moved.
        """
        if self._has_poster:
            publish(self._poster, self._output.poster)
        if self._output.pictures:
            self._publish_pictures()
        else:
            publish(self._made, self._output.path)
            self._output.partial.unlink(missing_ok=True)
        if self.job.subtitles and (self._output.pictures or self._output.path.suffix not in SUBTITLED):
            texts = in_turn(self.job.subtitles_of(self._plan.i0, self._plan.i1))
            lines = tuple(Line(each.start, each.end, words_of(each.text)) for each in texts)
            write_words(Transcript(lines), self._output.path.with_suffix(".srt"))

    @property
    def _made(self) -> Path:
        """The film, until it has its name."""
        return self._work.path / f"film{self._output.path.suffix}"

    @property
    def _poster(self) -> Path:
        """The poster, until the film has its name."""
        return self._work.path / "poster.jpg"

    def _tell_pictures(self) -> None:
        """Says in every picture how it was made."""
        found = sum(1 for _ in self._frames.glob("*.png"))
        if found != self.job.n_frames:
            raise VideoError(f"there are {found} pictures, not {self.job.n_frames}; {self.job.retry}")
        if self._tags:
            for picture in self._frames.glob("*.png"):
                i = int(picture.stem)
                put_text(picture, self._frame_text(i) | prompt_text(self._plan, i))

    def _publish_pictures(self) -> None:
        """Moves their folder to its name."""
        out = self._output.path
        if out.is_dir():
            for old in out.glob("[0-9]*.png"):
                old.unlink()
            for picture in self._frames.iterdir():
                picture.replace(out / picture.name)
        else:
            move(self._frames, out)

    def keep_poster(self, source: Source) -> None:
        """Writes the frame that tells most of the film, to lie beside it; that in its middle where the plan names none.

        Raises:
            OutputError: the file cannot be written.
        """
        plan, i = self._plan, self._plan.decisions.poster
        if i is None or not plan.i0 <= i < plan.i1:
            i = (plan.i0 + plan.i1) // 2
        picture = to_8bit(source.frames(i, i + 1)[0][..., 2::-1])
        data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()
        write_file(self._poster, with_text(data, self._frame_text(i)))
        self._has_poster = True

    def _frame_text(self, i: int) -> dict[str, str]:
        """What the picture of a frame says of itself: what its film says, and its number."""
        return {"avwalk": json.dumps({**json.loads(self._tags["avwalk"]), "frame": i})} if self._tags else {}


def _subtitles(film: FilmSpec) -> list[Subtitle]:
    """What is sung or said, for a track of the film, where it has one."""
    lines = lines_of(film.words.rows) if film.words and film.subtitles == "soft" else ()
    return [Subtitle(line.start, line.end, line.text) for line in lines]


def prompt_text(plan: Plan, i: int) -> dict[str, str]:
    """Of a picture of the generator `sd` its parameters as other programs read them."""
    generator = plan.film.look.generator
    recipe = generator.recipe
    if recipe is None:
        return {}
    row, size = i - plan.first, working_size(plan.size, int(recipe["size"]))
    text = parameters_at(
        keyframes_of(generator.options),
        float(plan.latents[row, 0]),
        recipe,
        guidance=float(plan.params["sd.guidance"][row]),
        size=size,
        model=recipe["name"],
        model_sha=generator.model or "",
    )
    return {"parameters": text}
