"""What can be asked for as a job: names and numbers, and no path of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from avwalk import presets
from avwalk.errors import OptionError, did_you_mean
from avwalk.files.names import is_bare

Seed = Annotated[int, Field(ge=0, le=2**63 - 1001)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Size = Annotated[str, StringConstraints(pattern=r"^[1-9]\d{1,3}x[1-9]\d{1,3}$")]
LARGEST = 3840
"""Side of a film or a picture, pixels."""


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("size", check_fields=False)
    @classmethod
    def _bounded(cls, value: str | None) -> str | None:
        if value and not all(16 <= int(side) <= LARGEST for side in value.split("x")):
            raise ValueError(f"sides are 16 to {LARGEST} pixels")
        return value


class PaintJob(_Options):
    """Pictures of a prompt, by the server's painter."""

    prompt: Annotated[Text, Field(max_length=4000)]
    negative: Annotated[str, Field(max_length=4000)] = ""
    seed: Seed = 0
    count: Annotated[int, Field(ge=1, le=64)] = 1
    size: Size = "1024x576"


class RenderJob(_Options):
    """A film of a song that was sent to the server."""

    song: str
    preset: str = "lsd"
    seed: Seed | None = None
    size: Size | None = None
    fps: Literal["24", "25", "30", "50", "60", "23.976", "29.97", "59.94"] = "30"
    start: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    duration: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    profile: Literal["youtube", "vertical", "square", "story", "canvas", "webm"] = "youtube"
    quality: Literal["draft", "good", "high", "max"] | None = None

    @field_validator("song")
    @classmethod
    def _bare(cls, value: str) -> str:
        if not is_bare(value):
            raise ValueError("the name of a song that was sent, without folders")
        return value

    @field_validator("preset")
    @classmethod
    def _shipped(cls, value: str) -> str:
        if value not in presets.names():
            raise ValueError(f"there is no preset '{value[:60]}'{did_you_mean(value, presets.names())}")
        return value


class StoryJob(_Options):
    """A film of a story: pictures by the server's painter, narrated, with music that is composed for it if wanted."""

    text: Annotated[Text, Field(max_length=200_000)]
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 0
    size: Size = "1280x720"
    sentences: Annotated[int, Field(ge=1, le=20)] = 3
    style: Annotated[str, Field(max_length=500)] = ""
    narrate: bool = True
    language: Annotated[str, StringConstraints(pattern=r"^[a-z-]{0,12}$")] = ""
    compose: bool = False


KINDS: Mapping[str, type[_Options]] = {"paint": PaintJob, "render": RenderJob, "story": StoryJob}
"""Name → options."""


def checked_options(kind: str, options: Mapping[str, Any], songs: Path) -> dict[str, Any]:
    """The options of a job, with defaults.

    Args:
        kind: of `KINDS`.
        options: as they were sent.
        songs: folder of the songs that were sent.

    Raises:
        OptionError: a value is wrong; all that are, in one line.
    """
    if kind not in KINDS:
        raise OptionError(f"there is no kind of job '{kind[:40]}'; use {', '.join(KINDS)}")
    try:
        found = KINDS[kind](**options)
    except ValidationError as error:
        raise OptionError("; ".join(_problem(each) for each in error.errors())) from None
    if isinstance(found, RenderJob) and not (songs / found.song).is_file():
        raise OptionError(f"no song '{found.song}' is here; send it first: PUT /songs/{found.song}")
    return found.model_dump(exclude_none=True)


def _problem(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"])
    said = str(error["msg"]).removeprefix("Value error, ")
    return f"{place or 'options'}: {said}"
