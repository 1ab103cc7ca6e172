"""Small whole files of every kind that avwalk reads, to be damaged."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from fractions import Fraction
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import cv2
import numpy as np
import soundfile

from avwalk.codex.record import Record, record_texts
from avwalk.files import jpeg_text, png_text
from avwalk.spec.encoder import Encoder
from avwalk.video.encode import SegmentEncoder
from avwalk.video.join import join
from avwalk.video.segment_packets import file_digest
from tests.conftest import ROOT

FILMS = ROOT / "tests" / "golden" / "films"
PICTURE = np.random.default_rng(1).integers(0, 256, (9, 16, 3), np.uint8)
TONE = 0.3 * np.sin(np.arange(8000) * 0.2).astype(np.float32)
CUES = (
    b"at,until,what,value,ease,note\n0:00.000,,tempo,126.02,,auto:12345678\nbar:1,bar:17,section,verse,,\nbar:17,,drop,,,\n"
    b"0:33,bar:40,preset,lsd,melt:1bar,\n2:10.5,2:14,camera.zoom,1.3,smoothstep:2beats,\n3,,seed,7,,\n4,,palette,ember,,\n"
)
PROMPTS = (
    b"at,prompt,seed,guidance_scale,negative_prompt\n0,a glass forest,7,,\n"
    b'section:chorus#1,"light, baroque",,9,blurry\n'
)
ASS = rb"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,nothing
Dialogue: 0,0:00:01.00,0:00:03.00,Default,Ana,0,0,0,,{\k50}Hel{\k50}lo {\kf100}you
Dialogue: 0,0:00:04.00,0:00:05.50,Default,,0,0,0,,{\an8}Two\Nrows
Dialogue: 0,0:00:06.00,0:00:07.00,Default,,0,0,0,,{\p1}m 0 0 l 9 9{\p0}
"""
WORDS = {
    ".lrc": b"[ti:x]\n[offset:20]\n[00:01.00]<00:01.00>Oh <00:01.50>no\n[00:03.00]Two words\n[00:04.00]\n",
    ".srt": b"1\n00:00:01,000 --> 00:00:02,000\n<i>Hello</i>\n\n2\n00:00:03,000 --> 00:00:04,000\n- a\n- b\n",
    ".vtt": b"WEBVTT\n\n00:01.000 --> 00:03.000\n<v Ana>Oh <00:02.000>no &amp; so\n",
    ".ass": ASS,
    ".ssa": ASS,
    ".json": b'{"segments": [{"start": 1, "end": 2.5, "text": "b", "words": [{"word": "a", "start": 1, "end": 2}]}]}',
    ".txt": b"1.0\t2.0\tlabel\n3.0\t4.0\tother\n",
    ".csv": b"start,end,text,speaker,note\n0:01.000s,2,<0:01.0>a <0:01.5>b,Ana,auto:12345678\n",
    ".tsv": b"start\ttext\n1,5\tx y\n",
}
CURVE = b"time,value\n0,0.5\n1:02.5,1\n# x\n70,-3e2\n"
DEFINITIONS = b'name,prompt,seeds\nreef,"coral reef in the sea",11 1234567\nfox,"a fox in the snow",21 22\n'
SEQUENCE = b"scene,duration,section,at,until,transition\nreef,4,1,,,\nfox,,1,0:10,0:20,melt\nreef,2,2,bar:9,,cut\n"
HOPS = (
    b"path_section,section,scene_from,c1,c2,reversed,input_image_folder,row,transition\n"
    b"0,1,reef,reef-11,fox-21,no,reef-11 to fox-21,0,\n0,1,fox,fox-21,reef-11,True,,1,\n"
    b"1,2,reef,reef-11,reef-12,,,2,cut\n"
)
ENV = b"AVWALK_MEDIA_DIR=media\nmeta_dir='a b'\nPRESETS_DIR=~/x\n"
PRESET = (ROOT / "presets" / "lsd.toml").read_bytes()
SETTINGS: Any = {
    "default": {
        "res_width": 512,
        "res_height": 512,
        "interpolation_steps": 25,
        "model_string": "sd15",
        "seed_delimiter": " ",
        "pipe_kwargs": {"num_inference_steps": 20},
    },
    "draft": {"generator": "cppn:lsd", "controlnet_string": "a/b"},
}


@cache
def again(kind: str) -> Any:
    """What a film stores of itself."""
    return json.loads((FILMS / f"{kind}.tag").read_text(encoding="utf-8"))


def picture(kind: str) -> bytes:
    done, data = cv2.imencode(f".{kind}", PICTURE)
    assert done
    texts = {"parameters": "a fox\nSteps: 4, Sampler: LCM, Seed: 7", "avwalk": json.dumps(again("cues"))}
    if kind == "png":
        return png_text.with_text(data.tobytes(), texts)
    return jpeg_text.with_text(data.tobytes(), texts) if kind == "jpg" else data.tobytes()


@cache
def sound(kind: str, subtype: str | None = None) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.stack([TONE, TONE], axis=1), 8000, format=kind, subtype=subtype)
    return file.getvalue()


@cache
def film(suffix: str = "mp4") -> bytes:
    """A second of pictures and sound, with what a film says of itself."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"film.{suffix}"
        options = {"movflags": "use_metadata_tags"} if suffix == "mp4" else {}
        with av.open(str(path), "w", options=options) as container:
            container.metadata.update({"title": "song", "avwalk": json.dumps(again("excerpt"))})
            stream = container.add_stream("mpeg4", rate=8)
            stream.width, stream.height, stream.pix_fmt = 32, 18, "yuv420p"
            tones = container.add_stream("aac", rate=8000, layout="mono")
            for k in range(8):
                pixels = np.full((18, 32, 3), 20 * k, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
                frame = av.AudioFrame.from_ndarray(TONE[None, 1000 * k : 1000 * (k + 1)], "fltp", "mono")
                frame.sample_rate, frame.pts = 8000, 1000 * k
                container.mux(tones.encode(frame))
            container.mux(stream.encode())
            container.mux(tones.encode())
        return path.read_bytes()


@cache
def joined() -> tuple[bytes, tuple[str, ...]]:
    """A film of two segments of a second, and the digests of their packets."""
    fps, encoder = Fraction(8), Encoder()
    with TemporaryDirectory() as folder:
        files = [Path(folder) / f"{k}.mp4" for k in (0, 8)]
        for k, path in enumerate(files):
            with SegmentEncoder(path, (32, 18), fps, encoder, 0, 8 * k) as segment:
                segment.write(np.random.default_rng(k).random((8, 18, 32, 3), np.float32))
        out = Path(folder) / "film.mp4"
        join(files, [8, 8], fps, out, encoder, metadata={"avwalk": json.dumps(again("excerpt"))})
        return out.read_bytes(), tuple(file_digest(path, 8) for path in files)


EDIT = {
    "redone": [["bar:3", "bar:5", "9"]],
    "edit": {"kept": 2, "segments": 3, "drawn_again": "0:10.000–0:20.000 (text)", "changed": "seed 0 → 1"},
}
"""What an edited film stores besides."""

CODEX = {
    "codex.toml": b"painter = 'worlds'\nnegative = 'people'\ncycles = 2\n",
    "scene.csv": b"Scene Description\na lighthouse\n",
    "structure.csv": b"Prefix,Mood\noil,misty\n,gold\n",
    "lock.toml": b"version = 1\nprompt = 'oil, <SCENE>, gold'\nstyle = 'CINEMATIC'\npainter = 'sd@sd-turbo'\n",
    "marks.jsonl": b'{"picture": "00000.png", "mark": "good", "at": "2026-01-31T12:00:00Z"}\n',
    "taste.json": b'{"version": 1}',
    "presets/x.toml": b"version = 1\n[lock]\nprompt = 'oil, <SCENE>'\n[palette]\nname = 'gilt'\n",
}
"""Files of a shared codex."""


def codex_picture() -> bytes:
    """A picture of a codex, which says how it was made."""
    record = Record(
        0, "x", "a lighthouse", {"Mood": "gold"}, "oil, a lighthouse, gold", "people", "", 7, "worlds", 16, 9
    )
    return png_text.with_text(small_png(), record_texts(record))


def codex_files(changes: dict[str, bytes]) -> dict[str, bytes]:
    return {**CODEX, "thumbnails/00000.png": codex_picture(), **changes}


def codex_manifest(changes: dict[str, bytes] | None = None) -> Any:
    """The list of a shared codex."""
    files = codex_files(changes or {})
    rows = {name: {"sha256": sha256(data).hexdigest(), "bytes": len(data)} for name, data in files.items()}
    return {"format": 1, "name": "x", "files": rows}


def codex(told: Any = None, changes: dict[str, bytes] | None = None) -> bytes:
    """A shared codex; ``told``: what its list says instead; ``changes``: other contents of files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in codex_files(changes or {}).items():
            archive.writestr(name, data)
        archive.writestr("avwalk-codex.json", json.dumps(codex_manifest(changes) if told is None else told))
    return file.getvalue()


ENTRIES = {
    "meta/x.csv": b"x,y\n",
    "meta/tgen_settings.json": json.dumps(SETTINGS).encode(),
    "meta/song.txt": b"../../a.wav",
}


def archive(told: Any = None) -> bytes:
    """A packed project; ``told``: what its list says instead."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in ENTRIES.items():
            archive.writestr(name, data)
        archive.writestr("avwalk-scenes.json", json.dumps(manifest() if told is None else told))
    return file.getvalue()


def manifest() -> Any:
    files = {name: {"sha256": sha256(data).hexdigest(), "bytes": len(data)} for name, data in ENTRIES.items()}
    return {
        "format": 1,
        "project": "song",
        "files": files,
        "missing": {"pictures": ["a"], "transitions": []},
        "sequence": "x",
    }


def weights() -> bytes:
    """The header of a file of safetensors."""
    header = json.dumps({"model.diffusion_model.x": {"dtype": "F16", "shape": [1], "data_offsets": [0, 2]}}).encode()
    return struct.pack("<Q", len(header)) + header + b"\0\0"


CHAT = b"Anna: The lighthouse stood above the grey sea.\n[10:15] <tom> A storm came out of the north at night!\n"
TALE = b"# The Lamp\n\nMarta lived on a rock. Every evening she lit the lamp.\n\nOne night it went out.\n"
SCREENPLAY = (
    b"# avwalk wrote: 0123abcd\nscene,start,end,text,speaker,language,happening,cast,place,time,"
    b"weather,light,camera,mood,aesthetic,prompt,negative,seed,note\n"
    b'1,0:00.000s,0:08.000s,"The sea rose, and fell.",Anna,en,the sea rose,Anna,sea,night,storm,,,calm,,,people,7,\n'
    b"2,8,12.5,It was calm.,,en,,,,,,,,,,a calm sea,,,mine\n"
)
TIMELINE = b"picture,start,seed\na.png,0,3\na.png,7.86,4\n"
CODEX_TABLES = {
    "codex.toml": b"version = 1\ncycles = 3\ninclusion = 0.7\nformat = '64x36'\noverride = ''\n[rates]\nMood = 0.5\n"
    b"[overrides]\nx = 'ink, <SCENE>'\n",
    "scene.csv": b"\xef\xbb\xbfScene Description\r\na fox, in snow\r\nan owl\r\n",
    "structure.csv": b'Prefix;Mood;Camera\nink;calm;"close; below"\n;wild;\n',
}
MARKS = (
    b'{"picture": "00000.png", "mark": "good", "at": "2026-01-31T12:00:00Z"}\n{"picture": "00001.png", "mark": "bad"}\n'
)
ECHOAI = {
    "config.py": b'FORCE_UNIVERSE = ""\nSCENE = "card of <SCENE>, ink"\nSTYLE = "FILM"\nNUM_ITERATIONS = 2\n'
    b"MAX_CONCURRENT_JOBS = 4\nIMAGE_WIDTH = 640\nIMAGE_HEIGHT = 360\nRENDER_MODE = 'Dalle'\nDALLE_RATE = 0.8\n"
    b"SCENES_FILE_PATH = 'config-files/scene.csv'\nLEONARDO_KEY = 'secret'\n",
    "config-files/scene.csv": CODEX_TABLES["scene.csv"],
    "config-files/structure.csv": CODEX_TABLES["structure.csv"],
    "config-files/leonardo.json": b'{"NUM_IMAGES": 2, "ALCHEMY": true}',
    "config-files/override.txt": b'OVERRIDE = True\nX = "a <SCENE>, b"\nMODEL = "y"\n',
}


REVIEWS = (
    b'{"storylet": 1, "what": "like", "time": "2026-01-01T00:00:00"}\n{"storylet": 2, "what": "note", "text": "x"}\n'
)


def small_png() -> bytes:
    """A picture."""
    return bytes(cv2.imencode(".png", PICTURE)[1])


@cache
def epub() -> bytes:
    """A book of one chapter."""
    data, chapter = (
        io.BytesIO(),
        "<html><body><h1>One</h1>" + 20 * "<p>The sea rose in the night. It fell again at dawn.</p>",
    )
    with zipfile.ZipFile(data, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr(
            "META-INF/container.xml", '<container><rootfiles><rootfile full-path="c.opf"/></rootfiles></container>'
        )
        manifest = '<manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        book.writestr("c.opf", f'<package>{manifest}<spine><itemref idref="a"/></spine></package>')
        book.writestr("a.xhtml", chapter)
    return data.getvalue()
