"""A codex is made of tables, of one that comes with avwalk, or of EchoAI's."""

from __future__ import annotations

from pathlib import Path

import pytest

from avwalk.codex.codex import load_codex
from avwalk.codex.create import CodexSource, numbers, prepare_codex, write_codex
from avwalk.codex.folder import CodexFolder
from avwalk.errors import CodexError, OptionError, OutputError


def test_tables_of_one_s_own(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_bytes(b"\xef\xbb\xbfScene Description\r\na sea\r\n")
    (tmp_path / "t.csv").write_bytes(b"Camera;Mood\r\nwide;calm\r\n")
    folder = CodexFolder(tmp_path / "new" / "one")
    source = CodexSource(scenes=tmp_path / "s.csv", structure=tmp_path / "t.csv")
    write_codex(folder, prepare_codex(folder, source, {"cycles": 3}))
    assert folder.scenes.read_bytes() == (tmp_path / "s.csv").read_bytes()
    assert folder.structure.read_bytes() == (tmp_path / "t.csv").read_bytes()
    codex = load_codex(folder)
    assert codex.name == "one" and codex.total == 3 and list(codex.categories) == ["Camera", "Mood"]


def test_nothing_is_replaced_without_being_told(codex: CodexFolder) -> None:
    before = codex.settings.read_bytes()
    prepared = prepare_codex(codex, CodexSource(shipped="matter"), {})
    with pytest.raises(OutputError, match="exists; force"):
        write_codex(codex, prepared)
    assert codex.settings.read_bytes() == before
    codex.settings.unlink()
    with pytest.raises(OutputError, match=r"scene.csv' exists"):
        write_codex(codex, prepared)
    write_codex(codex, prepared, force=True)
    assert load_codex(codex).matrix.scenes[0] == "molten metal"


def test_tables_that_are_wrong_make_no_codex(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("Scene Description\n", encoding="utf-8")
    folder = CodexFolder(tmp_path / "x")
    with pytest.raises(CodexError, match="holds no scene"):
        prepare_codex(folder, CodexSource(scenes=tmp_path / "s.csv"), {})
    with pytest.raises(CodexError, match="cannot be read"):
        prepare_codex(folder, CodexSource(scenes=tmp_path / "nowhere.csv"), {})
    with pytest.raises(CodexError, match=r"has no scene.csv; take a codex"):
        prepare_codex(folder, CodexSource(), {})
    assert not folder.path.exists()


def test_sources_exclude_each_other(tmp_path: Path) -> None:
    folder = CodexFolder(tmp_path)
    with pytest.raises(OptionError, match="three sources"):
        prepare_codex(folder, CodexSource(shipped="matter", echoai=tmp_path), {})
    with pytest.raises(OptionError, match="structure belongs to scenes"):
        prepare_codex(folder, CodexSource(shipped="matter", structure=tmp_path / "t.csv"), {})


def test_numbers_come_before_anything_is_drawn(codex: CodexFolder) -> None:
    lines = numbers(load_codex(codex))
    assert lines[0] == "3 scenes, Prefix (1), Hour (2)" and lines[1] == "6 combinations"
    assert lines[2] == "3 scenes × 2 cycles × 1 variation = 6 pictures of 32x18"
    assert "time not known yet" in lines[3] and "cost 0" in lines[3]


def test_a_price_is_added_up(codex: CodexFolder) -> None:
    prepared = prepare_codex(codex, CodexSource(), {"painter": "worlds,a1111?price=0.5", "several": "all", "cycles": 4})
    lines = numbers(prepared.codex)
    assert "× 2 painters = 24 pictures" in lines[2] and "cost 6" in lines[3]


def test_a_trillion_combinations_are_counted_and_bounded(tmp_path: Path) -> None:
    scenes, structure = tmp_path / "s.csv", tmp_path / "t.csv"
    scenes.write_text("Scene Description\n" + "\n".join(f"scene {k}" for k in range(10)), encoding="utf-8")
    rows = [",".join(f"c{k}" for k in range(12)), *(",".join(f"v{k}-{j}" for k in range(12)) for j in range(10))]
    structure.write_text("\n".join(rows), encoding="utf-8")
    folder = CodexFolder(tmp_path / "big")
    source = CodexSource(scenes=scenes, structure=structure)
    lines = numbers(prepare_codex(folder, source, {"cycles": 20}).codex)
    assert lines[1].startswith("10 000 000 000 000 combinations: nobody draws them all; 200 ")
    with pytest.raises(OptionError, match="1000000 pictures; a codex has at most 100000"):
        numbers(prepare_codex(folder, source, {"cycles": 100_000}).codex)


def test_a_painter_that_is_not_here_does_not_stop_the_making(codex: CodexFolder) -> None:
    prepared = prepare_codex(codex, CodexSource(), {"painter": "sd@no-such-model"})
    assert "time and cost not known: painter 'sd' cannot run here" in numbers(prepared.codex)[3]
