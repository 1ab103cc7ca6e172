"""What a change of structure must leave equal, as hashes: run it before and after, on one machine.

    python tests/golden/behaviour.py            # compares with behaviour.json, exit code 1 where something differs
    python tests/golden/behaviour.py --write    # stores what there is now; look at the difference first

Film hashes, stored films, plan arrays and pixels are equal on one CPU model with equal versions of the packages that a
film names, so the file says where it was made, and elsewhere only what does not depend on the machine is compared.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

FILE = Path(__file__).with_suffix(".json")
MACHINE_BOUND = ("films", "kinds", "scenes")
"""Sections of hashes that another CPU model may have otherwise."""
VOLATILE = {"wall_s", "stats", "fps", "eta_s", "limit", "seconds", "modified", "limit_stage"}
"""Keys of JSON output that say how fast it went."""
CUES = """at,until,what,value,ease,note
0:01.000,0:02.000,preset,sumi,,
0:02.5,,text,hello,,
0:00.5,0:03,camera.zoom,1.2,,
"""
PROJECT = {
    "prompt_image_definitions.csv": "name,prompt,seeds\nreef,coral at night,11 12\nglass,stained glass,21 22\n",
    "tgen_settings.json": '{"default": {"res_width": 48, "res_height": 32, "interpolation_steps": 3, '
    '"generator": "cppn"}}',
    "scene_sequence.csv": "scene,duration\nreef,1\nglass,1\n",
}


def sha(data: bytes) -> str:
    """First half of the sha256, which is enough to see a difference."""
    return hashlib.sha256(data).hexdigest()[:32]


def arrays_of(plan: Any, *, each: bool = False) -> dict[str, str]:
    """Hash of the arrays of a plan and of its runs: of all together, and of each if asked for."""
    found = {name: np.ascontiguousarray(getattr(plan, name)) for name in ("latents", "events", "thumbnails")}
    found |= {f"params/{name}": curve for name, curve in plan.params.items()}
    found |= {f"lanes/{name}": curve for name, curve in plan.lanes.items()}
    found |= {f"lead {k}/{name}": curve for k, lead in enumerate(plan.leads) for name, curve in lead.items()}
    hashes = {
        name: sha(f"{a.dtype}{a.shape}".encode() + np.ascontiguousarray(a).tobytes()) for name, a in found.items()
    }
    hashes["runs"] = sha(json.dumps([plan.shots, plan.captions, plan.preset_spans]).encode())
    if each:  # how many images a network draws at once is found by a trial, and shows in the last bits of these
        hashes.pop("thumbnails")
    together = sha(json.dumps(hashes, sort_keys=True).encode())
    looks = {f"look {name}": arrays_of(look)["arrays"] for name, look in plan.presets.items()}
    return {"arrays": together, **(hashes if each else {}), **looks}


def film_of(song: Path, moments: tuple[int, ...], **options: Any) -> dict[str, Any]:
    """A film's hash, its inputs and what it stores of itself, its plan's arrays and the pixels of a few frames."""
    from avwalk.pipeline import plan_of, source_of
    from avwalk.request.metadata import metadata
    from avwalk.request.resolve import resolve

    request = resolve(song, options)
    plan, worlds, _ = plan_of(request)
    source = source_of(plan, worlds)
    pixels = [np.round(source.frames(plan.i0 + i, plan.i0 + i + 1)[0] * 255).astype(np.uint8) for i in moments]
    inputs = request.film if isinstance(request.film, Mapping) else request.film.to_json()
    texts = [json.dumps(inputs, sort_keys=True), metadata(request).get("avwalk", "")]
    weights = inputs["generator"]["options"].get("model") or "-"  # an archive of torch has another hash each time
    return {
        **({"hash": plan.hash} if weights == "-" else {}),
        **{k: sha(text.replace(weights, "").encode()) for k, text in zip(("inputs", "stored"), texts, strict=True)},
        **arrays_of(plan, each=weights != "-"),
        "pixels": sha(b"".join(p.tobytes() for p in pixels)),
    }


def films() -> dict[str, Any]:
    """Every preset on the demo song."""
    from avwalk import presets
    from avwalk.settings import shipped

    song = shipped("demo-song.ogg")
    cases = [(name, "cppn") for name in presets.names()] + [("lsd", "testcard")]
    return {
        f"{preset} {generator}": film_of(song, (60, 420), preset=preset, generator=generator, size="160x90")
        for preset, generator in cases
    }


def kinds(folder: Path) -> dict[str, Any]:
    """Films of every kind, of a song of four seconds."""
    import avwalk

    song = folder / "clicks.wav"
    cued = folder / "cued.wav"
    cued.with_name("cued.cues.csv").write_text(CUES)
    for path in (song, cued):
        _clicks(path)
    avwalk.render(song, out=folder / "below.mp4", generator="cppn", size="64x36")
    avwalk.render(song, out=str(folder / "pictures") + "/", generator="cppn", size="64x36", duration=1)
    small = {"size": "64x36", "generator": "cppn"}
    told: dict[str, tuple[Path, dict[str, Any]]] = {
        "plain": (song, {}),
        "testcard": (song, {"generator": "testcard", "fps": "23.976"}),
        "excerpt": (song, {"start": "0:01.5", "duration": 1, "seed": 5, "set": ("camera.zoom=1.3",)}),
        "by bars": (song, {"start": "beat:2", "duration": "4beats"}),
        "loop": (song, {"loop": "1bars"}),
        "cues": (cued, {}),
        "no cues": (cued, {"no_cues": True}),
        "text": (song, {"text": "both", "title": "A title", "artist": "Somebody", "size": "192x108"}),
        "explain": (song, {"explain": True, "size": "320x180"}),
        "source video": (song, {"source": str(folder / "below.mp4")}),
        "source folder": (song, {"source": str(folder / "pictures")}),
        "stem": (song, {"stem": (f"drums={cued}",), "set": ('routes=["drums.kick -> camera.zoom +6%"]',)}),
        "master": (song, {"profile": "master", "size": "64x36", "allow_flashes": True}),
        "vertical": (song, {"profile": "vertical", "size": "36x64", "av_offset_ms": 40.0}),
        "tempo": (song, {"bpm": 96.0, "first_beat": "0.25"}),
        "preset file": (song, {"preset": "sumi", "set": ("walk.kind='tour'", "palette.name='abyss'")}),
    }
    return {name: film_of(path, (3, 20), **{**small, **options}) for name, (path, options) in told.items()}


def models(folder: Path) -> dict[str, Any]:
    """Films of networks: small ones of the real classes. Empty without torch."""
    try:
        import torch  # noqa: F401
    except ImportError:
        return {}
    from tests.small_biggan import save_biggan
    from tests.small_diffusion import save_diffusion

    song = folder / "short.wav"
    _clicks(song, seconds=2.0)
    gan, sd = str(save_biggan(folder / "gan")), str(save_diffusion(folder / "sd"))
    usual: dict[str, Any] = {"size": "64x64", "device": "cpu", "fps": "6"}
    told: dict[str, dict[str, Any]] = {
        "biggan": {"generator": "biggan", "model": gan},
        "sd": {"generator": "sd", "model": sd, "prompt": ("a reef", "a fox"), "set": ("sd.steps=2",)},
        "restyle": {
            "generator": "cppn",
            "restyle": True,
            "restyle_model": sd,
            "prompt": ("ink",),
            "duration": 1,
            "set": ("restyle.num_steps=4", "restyle.guidance_scale=2"),
        },
    }
    return {name: film_of(song, (2,), **{**usual, **options}) for name, options in told.items()}


def scenes(folder: Path) -> dict[str, Any]:
    """A film of scenes: every picture that it draws, and the frames of the film."""
    import av

    from avwalk.config.film_options import FilmOptions
    from avwalk.scenes.film.build import Places, build

    meta = folder / "meta" / "song"
    meta.mkdir(parents=True)
    _clicks(folder / "song.wav", seconds=3.0)
    for name, text in {**PROJECT, "song.txt": "../../song.wav"}.items():
        (meta / name).write_text(text)
    places = Places("song", meta_dir=folder / "meta", media_dir=folder / "media")
    done = build(places, FilmOptions(fps="10", text="card", title="A title"), seed=3)
    pictures = sorted((folder / "media").rglob("*.png"))
    with av.open(str(done["out"])) as container:
        tags = dict(container.metadata)
        frames = [frame.to_ndarray(format="rgb24").tobytes() for frame in container.decode(video=0)]
    return {
        "pictures": {str(p.relative_to(folder / "media")): sha(p.read_bytes()) for p in pictures},
        "texts": {
            str(p.relative_to(folder)): sha(p.read_bytes())
            for p in sorted(folder.rglob("*.csv"))
            if p.suffix == ".csv" and "inventory" not in p.name
        },
        "film": sha(b"".join(frames)),
        "told": {k: v for k, v in json.loads(tags["avwalk_scenes"]).items() if k != "film"},  # has times of files
    }


def commands(folder: Path) -> dict[str, Any]:
    """What every command with ``--json`` prints."""
    _clicks(folder / "a.wav")
    (folder / "jobs.csv").write_text("song,preset,out,generator,size\na.wav,sumi,b.mp4,testcard,64x36\n")
    meta = folder / "meta" / "song"
    meta.mkdir(parents=True)
    _clicks(folder / "song.wav", seconds=3.0)
    for name, text in {**PROJECT, "song.txt": "../../song.wav"}.items():
        (meta / name).write_text(text)
    lines = [
        "render a.wav --generator cppn --size 64x36 --workers 1 --poster --out a.mp4 --json",
        "render a.wav --again a.mp4 --force --workers 1 --out a.mp4 --json",
        "render a.wav --generator testcard --size 64x36 --workers 1 --passes depth --out t.mp4 --json",
        "verify a.mp4 a.wav --json",
        "verify a.mp4 --json",
        "info a.mp4 --json",
        "info a.jpg --json",
        "batch jobs.csv --json",
        "presets list --json",
        "presets targets --json",
        "presets signals --json",
        "models list --json",
        "models classes --json",
        "scenes images song --json",
        "scenes plan song",
        "scenes transitions song --json",
        "scenes assemble song --fps 10 --workers 1 --json",
        "scenes build song --fps 10 --out other --workers 1 --json",
        "scenes check song",
        "scenes inventory song",
        "scenes report song",
        "analyze a.wav",
        "analyze a.wav --write-cues",
        "cues check a.wav",
        "cues show a.wav",
        "presets show lsd",
        "presets check lsd sumi",
    ]
    with contextlib.chdir(folder):
        return {line: _said(line.split(), folder) for line in lines}


def bad_input(folder: Path) -> dict[str, Any]:
    """Exit code and message of what cannot be."""
    from tests.cli.test_bad_input import BAD_OPTIONS, BAD_SONGS, BAD_USAGE, SMALL, make_bad_song

    _clicks(folder / "clicks.wav", seconds=2.0)
    (folder / "wrong.toml").write_text('version = 1\ntitle = "x"\ngenerators = ["cpn"]\n[walk]\nkind = "bnds"\nx = 1\n')
    (folder / "wrong.csv").write_text("at,until,what,value,ease,note\nsoon,,drop,,,\n1,,presett,x,,\n2,1,section,a,,\n")
    (folder / "jobs.csv").write_text("song,sise\nclicks.wav,3\nmissing.wav,\n")
    rest = [
        "info clicks.wav", "info missing.mp4", "verify clicks.wav", "batch jobs.csv", "presets check wrong.toml",
        "presets show nothing", "render clicks.wav --cues wrong.csv", "render clicks.wav --preset wrong.toml",
        "analyze missing.wav", "scenes plan nothing", "scenes assemble nothing", "cues check missing.wav",
        "explore", "explore clicks.wav --breed x", "preview clicks.wav --at nowhere", "models check nothing",
        "presets gallery lds", "scenes build nothing --fps x", "project new", "doctor --x",
        "scenes assemble song --pace fast", "render clicks.wav --stem x", "render clicks.wav --loop many",
    ]  # fmt: skip
    told = {f"song {name}": ["render", make_bad_song(name, folder), *SMALL] for name in BAD_SONGS}
    told |= {
        f"render {' '.join(map(str, options))}": [
            "render",
            "clicks.wav",
            *options,
            *([] if options[0] in ("--size", "--generator") else SMALL),
        ]
        for options, _ in BAD_OPTIONS
    }
    told |= {" ".join(line): list(line) for line in BAD_USAGE} | {line: line.split() for line in rest}
    with contextlib.chdir(folder):
        return {name: _said(args, folder) for name, args in told.items()}


def _said(args: list[str], folder: Path) -> dict[str, Any]:
    """Exit code, and both streams without what differs from run to run."""
    from avwalk.cli.main import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(args)
            code: Any = 0
        except SystemExit as left:
            code = left.code or 0
    lines = [_plain(line, folder) for line in out.getvalue().splitlines()]
    if args[0] == "scenes":  # the hash of a film of scenes has the times of its files in it
        lines = [re.sub(r'"hash": "\w+"', '"hash": ""', line) for line in lines]
    lines = [line for line in lines if '"progress"' not in line]
    err_lines = [_plain(line, folder) for line in err.getvalue().splitlines() if "frames," not in line]
    return {"code": code, "out": lines if len(lines) < 40 else sha("\n".join(lines).encode()), "err": err_lines}


def _plain(line: str, folder: Path) -> str:
    line = line.replace(str(folder), "HERE")
    if line.startswith(("{", "[")):
        with contextlib.suppress(ValueError):
            return json.dumps(_steady(json.loads(line)), ensure_ascii=False)
    return re.sub(r"\b\d+:\d\d\b(?= *[:)]|$)|(?<=done in )[\d:]+", "TIME", line)


def _steady(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _steady(v) for k, v in value.items() if k not in VOLATILE}
    return [_steady(v) for v in value] if isinstance(value, list) else value


def _clicks(path: Path, seconds: float = 4.0) -> None:
    import soundfile

    from tests.conftest import clicks

    mono = clicks(seconds) + 0.05 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * 44100)) / 44100)
    soundfile.write(path, np.stack([mono, mono], axis=1), 44100)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """Own folder of a fixed name, for paths that are part of what is said."""
    with tempfile.TemporaryDirectory(prefix="avwalk-behaviour-") as folder:
        yield Path(folder).resolve()


def machine() -> str:
    """What bits depend on."""
    import importlib.metadata
    import platform

    packages = ("numpy", "numba", "opencv-python-headless", "av", "scipy")
    cpu = next((x for x in _cpu_lines() if x.startswith("model name")), platform.processor())
    return f"{cpu.partition(':')[2].strip()}; " + " ".join(f"{p} {importlib.metadata.version(p)}" for p in packages)


def _cpu_lines() -> list[str]:
    info = Path("/proc/cpuinfo")
    return info.read_text().splitlines() if info.exists() else []


def measured(only: list[str]) -> dict[str, Any]:
    """All sections, or those named."""
    sections: dict[str, Callable[..., dict[str, Any]]] = {
        "films": films,
        "kinds": kinds,
        "models": models,
        "scenes": scenes,
        "commands": commands,
        "bad_input": bad_input,
    }
    found: dict[str, Any] = {"machine": machine()}
    for name, section in sections.items():
        if only and name not in only:
            continue
        with _folder() as folder:
            for each in ("CACHE_DIR", "STATE_DIR", "PRESETS_DIR", "MODEL_CACHE_DIR"):
                os.environ[f"AVWALK_{each}"] = str(folder / ".own" / each.lower())
            from avwalk.settings import settings

            settings.cache_clear()
            found[name] = section() if name == "films" else section(folder)
            shutil.rmtree(folder / ".own", ignore_errors=True)
    return found


def differences(old: Any, new: Any, at: str = "") -> list[str]:
    """One line for each value that differs."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            line
            for key in dict.fromkeys([*old, *new])
            for line in differences(old.get(key), new.get(key), f"{at}/{key}")
        ]
    return [] if old == new else [f"{at}: {old!r} → {new!r}"]


def main() -> None:
    """Compares, or stores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", help="only these: films kinds models scenes commands bad_input")
    parser.add_argument("--write", action="store_true")
    told = parser.parse_args()
    os.environ.pop("AVWALK_DEBUG", None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        new = measured(told.sections)
    old = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    if told.write:
        FILE.write_text(json.dumps({**old, **new}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return
    if old.get("machine") != new["machine"]:
        print(f"made on another machine ({old.get('machine')}): hashes of pixels and arrays are not compared")
        new = {name: value for name, value in new.items() if name not in MACHINE_BOUND}
    new.pop("machine")
    lines = differences({name: old.get(name) for name in new}, new)
    print("\n".join(lines) or f"equal: {', '.join(new)}")
    sys.exit(bool(lines))


if __name__ == "__main__":
    main()
