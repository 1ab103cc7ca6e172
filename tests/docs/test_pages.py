"""The documentation: every command, key, table and link in it exists, and the site is built without a warning."""

from __future__ import annotations

import html
import importlib.util
import re
import subprocess
import sys
import tomllib
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote, urldefrag

import numpy as np
import pytest

from avwalk import presets
from avwalk.contracts import Drive
from avwalk.plan.cues_files import checked_cues
from tests.conftest import ROOT
from tests.docs.written import PAGES, commands, fenced, links, name_of, parsed

MADE = {"reference/commands.md", "reference/presets.md", "reference/signals.md", "reference/project_files.md"}
MADE |= {"changelog.md", "contributing/rules.md"}
"""Pages that `docs/build_pages.py` makes when the site is built."""
LINES = [(name_of(page), line) for page in PAGES for line in commands(page) if line.startswith("avwalk ")]
TABLES = [(name_of(page), block) for page in PAGES for block in fenced(page, "toml")]
OF_YOURS = {"mine", "moss", "lsd-2v1"}
"""Presets that a reader makes."""


@pytest.mark.parametrize(("page", "line"), LINES, ids=[f"{page}: {line}" for page, line in LINES])
def test_a_command_exists_with_its_options(page: str, line: str) -> None:
    _, values = parsed(line)
    given = values.get("preset") or ()
    for name in (given,) if isinstance(given, str) else given:
        if Path(name).stem not in OF_YOURS:
            overrides = [text for text in values.get("set_") or () if not text.startswith("palette.image=")]
            presets.load(name, overrides)


@pytest.mark.parametrize(("page", "block"), TABLES, ids=[page for page, _ in TABLES])
def test_a_preset_in_a_page_is_valid(page: str, block: str, tmp_path: Path) -> None:
    assert tomllib.loads(block)
    (tmp_path / "mine.toml").write_text(block, encoding="utf-8")
    presets.load(str(tmp_path / "mine.toml"))


def test_the_cues_in_the_guide_are_valid(tmp_path: Path) -> None:
    (block,) = fenced(ROOT / "docs" / "guides" / "beats_and_cues.md", "csv")
    (tmp_path / "song.cues.csv").write_text(block, encoding="utf-8")
    assert len(checked_cues(tmp_path / "song.cues.csv").rows) == len(block.splitlines()) - 1


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        target, _ = urldefrag(link)
        if not target or re.match(r"https?://", target):
            continue
        place = (page.parent / target).resolve()
        made = place.is_relative_to(ROOT / "docs") and place.relative_to(ROOT / "docs").as_posix() in MADE
        assert made or place.exists(), link


def drive(n: int) -> Drive:
    latents = np.linspace(-1, 1, n, dtype=np.float32)[:, None]
    return Drive(0, latents, {"invert.amount": np.ones(n, np.float32)}, Fraction(30), 0)


def test_the_generator_and_the_effect_of_the_guides_work() -> None:
    made: dict[str, type] = {}
    for name in ("add_a_generator", "add_an_effect"):
        (block,) = fenced(ROOT / "docs" / "contributing" / f"{name}.md", "python")
        exec(block, made)
    frames = made["Flat"]((8, 4), 0).draw(drive(3))
    assert frames.shape == (3, 4, 8, 3) and frames.dtype == np.float32
    assert 0 <= frames[0].max() < frames[1].max() < frames[2].max() <= 1
    assert np.allclose(made["Invert"]().apply(frames.copy(), drive(3)), 1 - frames, atol=1e-6)


def test_the_gallery_shows_every_preset_as_it_is() -> None:
    spec = importlib.util.spec_from_file_location("gallery_pictures", ROOT / "examples" / "gallery_pictures.py")
    assert spec and spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.PAGE.read_text(encoding="utf-8") == script.page()


def test_pictures_are_small() -> None:
    files = [file for file in (ROOT / "docs").rglob("*") if file.suffix in {".webp", ".jpg", ".png"}]
    assert 0 < sum(file.stat().st_size for file in files) <= 300_000 * len(presets.names())


@pytest.mark.full
def test_the_site_is_built_without_a_warning_and_without_a_dead_link(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="the documentation is built with the extra docs")
    call = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    texts = {page: page.read_text(encoding="utf-8") for page in tmp_path.rglob("*.html")}
    assert len(texts) > 25
    ids = {page: set(re.findall(r'\bid="([^"]+)"', text)) for page, text in texts.items()}
    dead = []
    for page, text in texts.items():
        for link in re.findall(r'\b(?:href|src)="([^"]*)"', text):
            target, anchor = urldefrag(html.unescape(link))
            if re.match(r"[a-z]+:", target) or page.name == "404.html":
                continue
            place = (page.parent / unquote(target)).resolve() if target else page
            if not place.exists() or (anchor and place in ids and unquote(anchor) not in ids[place]):
                dead.append(f"{page.relative_to(tmp_path)}: {link}")
    assert not dead


@pytest.mark.full
def test_every_command_and_every_key_is_in_the_reference(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="the documentation is built with the extra docs")
    from avwalk.cli.main import COMMANDS
    from avwalk.config.options import RenderOptions
    from avwalk.config.preset import Preset, targets

    spec = importlib.util.spec_from_file_location("build_pages", ROOT / "docs" / "build_pages.py")
    assert spec and spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    said = script.commands()
    assert all(f"## `avwalk {name}`" in said for name in COMMANDS)
    assert all(f"`{name}" in said for name in ("--preset", "--av-offset-ms", "--merge", "--grid"))
    keys = script.presets()
    assert all(f"| `{name}`" in keys or f"## `[{name}]`" in keys for name in Preset.model_fields)
    assert keys.count("✓") == len(targets())
    assert all(f"| `{name}`" in script.render_options() for name in RenderOptions.model_fields)
