"""Media files opened and named so that FFmpeg takes a name for a name, and a file for no more than a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.container import InputContainer

PICTURE_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,mpeg,mpegts,mpegvideo,ogg,asf,gif,mxf,nut"
"""Formats that hold pictures: no playlists, no lists of files, no numbered images, no network."""
SOUND_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,aac,ogg,flac,wav,w64,aiff,caf,asf,avi,flv,mpeg,mpegts,"
    "ac3,eac3,ape,wv,tta,amr,au,dts,mpc,mpc8,loas,oma"
)
"""Likewise, of sound."""


def media_url(path: Path) -> str:
    """A path as FFmpeg takes it: ``12:30.mp4``, ``http:x.mp4`` and ``-x`` by themselves are more than names to it."""
    return f"file:{path.absolute()}"


def open_media(path: Path, formats: str = f"{PICTURE_FORMATS},{SOUND_FORMATS}") -> InputContainer:
    """Opens a local file for reading, and nothing that it may point to.

    Args:
        path: of the file, whatever its name looks like.
        formats: names of FFmpeg's demuxers that may read it.

    Raises:
        av.error.FFmpegError: no file of these formats.
        ValueError: no name that a file can have.
    """
    import av

    options = {"protocol_whitelist": "file", "format_whitelist": formats}
    return av.open(media_url(path), mode="r", metadata_errors="replace", options=options)
