"""Prompts and seeds: every way a spreadsheet writes them is read; what is kept changes one cell and no other byte."""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.errors import OptionError, OutputError, ScenesError
from avwalk.files.atomic import part_of
from avwalk.scenes.nodes import Edge, Node
from avwalk.scenes.project.csv_rows import Findings
from avwalk.scenes.project.names import file_name, inner_path, node_name
from avwalk.scenes.project.prompts_csv import MAX_SEED, Prompt, keep_seeds, read_definitions, read_seeds

HEAD = "name,prompt,seeds\n"


def read(path: Path) -> dict[str, Prompt]:
    found = Findings()
    prompts = read_definitions(path, found)
    found.check()
    return prompts


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# --- reading


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("bom", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "cp1252"),
    ],
)
def test_whatever_a_spreadsheet_writes(tmp_path: Path, newline: str, delimiter: str, bom: bytes, encoding: str) -> None:
    rows = [
        ["name", "prompt", "seeds", "guidance_scale", "negative_prompt"],
        ["fôret", '"a ""deep"" forest, at dawn; mist"', '"1, 2,3"', "7.5" if delimiter == "," else "7,5", ""],
        ["sea", '"two' + newline + 'lines"', "4 5", "", "=blur"],
    ]
    data = bom + (newline.join(delimiter.join(row) for row in rows) + newline).encode(encoding)
    forest, sea = read(written(tmp_path / "d.csv", data)).values()
    assert (forest.text, forest.seeds, forest.guidance) == ('a "deep" forest, at dawn; mist', (1, 2, 3), 7.5)
    assert (forest.name, forest.negative) == ("fôret", None)
    assert (sea.text.split(), sea.seeds, sea.negative) == (["two", "lines"], (4, 5), "=blur")


@pytest.mark.parametrize("text", ["=SUM(A1:A3)", "=cmd|' /C calc'!A0", "+1", "@x"])
def test_cells_that_spreadsheets_would_run_are_text(tmp_path: Path, text: str) -> None:
    assert read(written(tmp_path / "d.csv", f'{HEAD}a,"{text}",1\n'))["a"].text == text


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("", ()),
        ("1000 1001", (1000, 1001)),
        ("1000, 1001", (1000, 1001)),
        ("1000;1001;", (1000, 1001)),
        (" 0007\t7 8.0 ", (7, 8)),
        ("[5, 6]", (5, 6)),
        (str(MAX_SEED), (MAX_SEED,)),
    ],
)
def test_seeds_however_they_are_divided(text: str, seeds: tuple[int, ...]) -> None:
    assert read_seeds(text) == seeds


@pytest.mark.parametrize("text", ["-1", "1.5", "x", "1 two", "=A1", str(MAX_SEED + 1), "1-3", "²"])
def test_what_is_no_seed(text: str) -> None:
    with pytest.raises(OptionError, match="is no whole number from 0 to"):
        read_seeds(text)


def test_seeds_that_a_spreadsheet_has_rounded() -> None:
    with pytest.raises(OptionError, match=r"seed '1.23457E\+15' was rounded by a spreadsheet; write its digits"):
        read_seeds("1.23457E+15")


@given(st.lists(st.integers(0, MAX_SEED), unique=True), st.sampled_from([" ", ", ", ",", ";", "\t", "  "]))
def test_seeds_are_read_as_written(seeds: list[int], divider: str) -> None:
    assert read_seeds(divider.join(map(str, seeds))) == tuple(seeds)


# --- names


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a-b", "has a '-', which divides name and seed; call it 'a_b'"),
        ("a, b", "has a comma, which divides lists; call it 'a_b'"),
        ("#a", "begins with '#', as comments do; call it 'a'"),
        ("..", "cannot be the name of a file; call it 'scene'"),
        ("a/b", "cannot be the name of a file; call it 'a_b'"),
        ("a\\b", "cannot be the name of a file; call it 'a_b'"),
        ("C:", "cannot be the name of a file; call it 'C'"),
        ("aux", "cannot be the name of a file; call it 'aux_'"),
        ("a.", "cannot be the name of a file; call it 'a'"),
        ("a\0", "cannot be the name of a file; call it 'a'"),
        ("x" * 81, "is longer than 80 bytes; shorten it"),
        ("é" * 41, "is longer than 80 bytes; shorten it"),
        ("", "is empty; give it one, such as glass_forest"),
    ],
)
def test_names_that_are_refused(name: str, said: str) -> None:
    with pytest.raises(OptionError) as caught:
        node_name(name)
    assert str(caught.value).endswith(said)
    if "call it" in said:
        proposal = said.split("'")[-2]
        assert node_name(proposal) == proposal


@given(st.text(max_size=40))
def test_a_name_never_leaves_its_folder(text: str) -> None:
    """Whatever is let through is one folder deep, comes back out of a transition's name, and fits into 255 bytes."""
    try:
        name = node_name(text)
    except OptionError:
        return
    root = Path("/a/folder")
    assert (root / name).parent == root and (root / f"{name}_1.png").parent == root
    edge = Edge(Node(name, str(MAX_SEED)), Node(name, str(MAX_SEED)))
    assert len(edge.folder.encode("utf-8", "surrogatepass")) <= 255
    if "\n" not in name and name == name.strip():
        assert Edge.read(edge.folder) == edge and Node.read(edge.a.id) == edge.a


@given(st.text(alphabet="ab./\\: ~", max_size=12))
def test_masks_never_leave_their_folder(text: str) -> None:
    try:
        inner = inner_path(text, "mask")
    except OptionError:
        return
    assert Path("/m").joinpath(inner).resolve().is_relative_to("/m") and not Path(inner).is_absolute()


def test_a_projects_name_may_have_dashes() -> None:
    assert file_name("my-song (live), 2024") == "my-song (live), 2024"


# --- keeping


def test_kept_seeds_are_added_and_nothing_else_changes(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    before = '# mine\r\nname;"prompt";seeds\r\n\r\n"sea";deep ; 7  8 ;\r\n "x";# y;\r\nsky;"a;b";9\r\n'
    written(path, before)
    assert keep_seeds(path, "sea", [8, 11, 12, 11]) == (7, 8, 11, 12)
    assert path.read_bytes().decode() == before.replace(" 7  8 ", "7  8  11  12")
    assert keep_seeds(path, "sky", iter([1])) == (9, 1)
    assert path.read_bytes().decode() == before.replace(" 7  8 ", "7  8  11  12").replace(";9\r", ";9  1\r")
    assert keep_seeds(path, "sky", [1]) == (9, 1) and not part_of(path).exists()


cells = st.sampled_from(["", "x", '"a, b; c"', '"say ""yes"""', " padded ", '"two\nlines"', "# no", "=1+1", "été"])


@given(
    before=st.lists(st.tuples(cells, cells), max_size=3),
    after=st.lists(st.tuples(cells, cells), max_size=3),
    others=st.tuples(cells, cells),
    old=st.sampled_from(["", "1 2", '"1, 2"', '"3"', "4", '"5,6 7"', " 8 "]),
    delimiter=st.sampled_from([",", ";", "\t"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
    coding=st.sampled_from([(b"", "utf-8"), (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le")]),
    seeds=st.lists(st.integers(0, MAX_SEED), min_size=1, max_size=3, unique=True),
)
def test_every_other_byte_stays(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[tuple[str, str]],
    after: list[tuple[str, str]],
    others: tuple[str, str],
    old: str,
    delimiter: str,
    newline: str,
    last: bool,
    coding: tuple[bytes, str],
    seeds: list[int],
) -> None:
    bom, encoding = coding
    path = tmp_path_factory.mktemp("keep") / "d.csv"

    def row(name: str, prompt: str, cell: str, note: str) -> str:
        return delimiter.join([name, prompt or "p", cell, note]) + newline

    old = old if delimiter == "," or old != "1 2" else "1;2" if delimiter != ";" else '"1;2"'
    head = "# comment" + newline + delimiter.join(["name", "prompt", "seeds", "note"]) + newline
    top = head + "".join(row(f"a{k}", p, "1", n) for k, (p, n) in enumerate(before))
    rest = delimiter + others[1] + newline + "".join(row(f"b{k}", p, "", n) for k, (p, n) in enumerate(after))
    rest = rest if last else rest[: -len(newline)]
    begin = top + delimiter.join(['"my row"', others[0] or "p"]) + delimiter
    path.write_bytes(bom + (begin + old + rest).encode(encoding))
    there = read_seeds(old.strip('"'))
    kept = keep_seeds(path, "my row", seeds)
    assert kept == tuple(dict.fromkeys([*there, *seeds]))
    data = path.read_bytes()
    assert data.startswith(bom)
    text = data[len(bom) :].decode(encoding)
    assert text.startswith(begin) and text.endswith(rest)
    cell = text[len(begin) : len(text) - len(rest)]
    assert cell.startswith('"') or not old.startswith('"')
    assert read_seeds(cell.strip('"')) == kept
    assert read(path)["my row"].seeds == kept


@pytest.mark.parametrize(
    ("rows", "settings", "cell"),
    [
        ("a,x,\nb,y,1, 2", None, "5 6"),
        ('a,x,\nb,y,"1, 2"\n', None, '"5, 6"'),
        ("a,x,\nb,y,1;2\n", None, "5;6"),
        ("a,x,\n", '{"default": {"seed_delimiter": ", "}}', '"5, 6"'),
        ("a,x,\n", '{"seed_delimiter": ","}', '"5,6"'),
        ("a,x,\n", '{"seed_delimiter": "-"}', "5 6"),
        ("a,x,\n", "[", "5 6"),
        ("a,x\n", None, "5 6"),
        ("a,x,7\n", '{"seed_delimiter": ", "}', '"7, 5, 6"'),
    ],
)
def test_seeds_are_divided_as_elsewhere_in_the_project(
    tmp_path: Path, rows: str, settings: str | None, cell: str
) -> None:
    path = written(tmp_path / "d.csv", HEAD + rows)
    if settings is not None:
        written(tmp_path / "tgen_settings.json", settings)
    keep_seeds(path, "a", [5, 6])
    assert path.read_text(encoding="utf-8") == HEAD + f"a,x,{cell}\n" + rows.partition("\n")[2]


def test_a_new_prompt_gets_a_row(tmp_path: Path) -> None:
    path = written(tmp_path / "d.csv", b"\xef\xbb\xbfguidance_scale,seeds,name,prompt\r\n7,1 2,a,x")
    assert keep_seeds(path, "b", [3, 4], prompt='a "deep"\nsea, at night') == (3, 4)
    assert path.read_bytes() == (
        b"\xef\xbb\xbfguidance_scale,seeds,name,prompt\r\n7,1 2,a,x\r\n" + b',3 4,b,"a ""deep"" sea, at night"\r\n'
    )
    assert read(path)["b"].text == 'a "deep" sea, at night'


@pytest.mark.parametrize(
    ("rows", "name", "prompt", "said"),
    [
        (f"{HEAD}sea,x,1\n", "se", None, r"no prompt 'se' \(did you mean 'sea'\?\); give its text to add one"),
        ("name,prompt\na,x\n", "a", None, "no columns name, prompt and seeds in its first row; write them there"),
        (f"{HEAD}a,x,1 b\n", "a", None, r"d.csv:2:5: seed 'b' is no whole number"),
        (HEAD, "a-b", "x", r"name 'a-b' has a '-'.*call it 'a_b'"),
        (HEAD, "a", " ", "the prompt of 'a' is empty"),
    ],
)
def test_what_cannot_be_kept(tmp_path: Path, rows: str, name: str, prompt: str | None, said: str) -> None:
    path = written(tmp_path / "d.csv", rows)
    with pytest.raises(ScenesError, match=said):
        keep_seeds(path, name, [5], prompt=prompt)
    assert path.read_text(encoding="utf-8") == rows and list(tmp_path.iterdir()) == [path]


def test_seeds_out_of_range_and_letters_that_a_file_cannot_hold(tmp_path: Path) -> None:
    path = written(tmp_path / "d.csv", f"{HEAD}été,x,1\n".encode("cp1252"))
    with pytest.raises(ScenesError, match=r"seed -1 is no whole number"):
        keep_seeds(path, "été", [-1])
    with pytest.raises(ScenesError, match="is written in .* which has no '森'; save it as UTF-8"):
        keep_seeds(path, "b", [1], prompt="森")
    with pytest.raises(ScenesError, match="cannot be read"):
        keep_seeds(tmp_path / "none.csv", "a", [1])
    assert keep_seeds(path, "été", [2]) == (1, 2) and path.read_bytes() == f"{HEAD}été,x,1 2\n".encode("cp1252")


def test_a_link_stays_one_and_a_file_keeps_its_rights(tmp_path: Path) -> None:
    real = written(tmp_path / "real.csv", f"{HEAD}a,x,1\n")
    real.chmod(0o640)
    link = tmp_path / "d.csv"
    link.symlink_to(real)
    keep_seeds(link, "a", [2])
    assert link.is_symlink() and real.read_text(encoding="utf-8") == f"{HEAD}a,x,1 2\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_write_that_fails_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "d.csv", f"{HEAD}a,x,1\n")

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as stream:
            stream.write(data[:5])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left on device; free some space"):
        keep_seeds(path, "a", [2])
    assert path.read_text(encoding="utf-8") == f"{HEAD}a,x,1\n" and list(tmp_path.iterdir()) == [path]
