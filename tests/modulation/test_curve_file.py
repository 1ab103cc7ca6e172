from __future__ import annotations

from pathlib import Path

import pytest

from avwalk.errors import PresetError
from avwalk.modulation.curve_file import read_curve


@pytest.mark.parametrize(
    "data",
    [
        b"time,value\n0,0\n2.5,0.8\n",
        b"\xef\xbb\xbftime;value\r\n0;0\r\n2,5;0,8\r\n",
        b'time,value\n0,0\n"2,5","0,8"\n',
        b"Time,Value\n# a remark\n0,0\n2.5,0.8\n",
        b"sep=;\ntime;value\n0;0\n2,5;0,8\n",
        b"VALUE\tTIME\n0\t0\n0.8\t2.5\n",
        b"0,0\n0:02.5,0.8\n",
        "time,value\n0,0\n2.5,0.8\n".encode("utf-16"),
    ],
)
def test_curves_are_read_as_all_tables_are(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bend.csv"
    path.write_bytes(data)
    curve = read_curve(path)
    assert curve.times.tolist() == [0, 2.5] and curve.values.tolist() == [0, 0.8]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no points"),
        ("time,value\n1,\n", "bend.csv:2: '1' has no value"),
        ("1,0\n1,1\n", "not after the one before"),
        ("0,#N/A\n", "value '#N/A' is not a number"),
        ("0,x\n", "'x' is not a number"),
        ('"0,1\n', "never closed"),
    ],
)
def test_what_is_no_curve(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bend.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PresetError) as raised:
        read_curve(path)
    assert said in str(raised.value)
