"""Media files opened and named so that FFmpeg takes a name for a name, and a file for no more than a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.container import InputContainer

FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,mpeg,mpegts,mpegvideo,ogg,asf,gif,mxf,nut,"
    "mp3,aac,flac,wav,w64,aiff,caf,ac3,eac3,ape,wv,tta,amr,au,dts,mpc,mpc8,loas,oma"
)
"""Formats that hold pictures or sound, and point to nothing outside the file: no playlists, no lists of files."""


def media_url(path: Path) -> str:
    """A path as FFmpeg takes it: ``12:30.mp4``, ``http:x.mp4`` and ``-x`` by themselves are more than names to it."""
    return f"file:{path.absolute()}"


def open_media(path: Path) -> InputContainer:
    """Opens a local file for reading, and nothing that it may point to.

    Raises:
        av.error.FFmpegError: not a file that FFmpeg reads.
        ValueError: no name that a file can have.
    """
    import av

    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    return av.open(media_url(path), mode="r", metadata_errors="replace", options=options)
