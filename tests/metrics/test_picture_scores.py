"""Scores of a row of pictures; a tiny CLIP of the real classes, saved here, stands for the user's."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from avwalk.errors import ModelError, OptionError, OutputError
from avwalk.files.image_meta import write
from avwalk.files.infotext import infotext
from avwalk.metrics.picture_scores import picture_files, picture_scores, prompts_from, stored_prompt


def grey(file: Path, level: float, prompt: str = "") -> Path:
    values = {"Steps": 1, "Seed": 1, "Size": "32x24"}
    write(file, np.full((24, 32, 3), level, np.float32), {"parameters": infotext(prompt, "", values)} if prompt else {})
    return file


def test_neighbours_are_compared_without_a_model(tmp_path: Path) -> None:
    files = [grey(tmp_path / f"{k}.png", level) for k, level in ((1, 0.2), (2, 0.2), (10, 0.9))]
    assert picture_files([str(tmp_path)]) == files  # 2 before 10
    scores = picture_scores(files, ["", "", ""], None)
    assert [each.ssim_next and round(each.ssim_next, 3) for each in scores.pictures][0::2] == [1.0, None]
    found = scores.as_json()
    assert found["ssim_of_neighbours"]["n"] == 2 and found["clip_score"] == {
        "model": None, "n": 0, "mean": None, "sd": None, "n_prompts_cut": 0,
    }  # fmt: skip
    assert json.loads(json.dumps(found)) == found


def test_prompts_come_from_the_pictures_or_a_file(tmp_path: Path) -> None:
    files = [grey(tmp_path / "a.png", 0.1, "a red sea\nat night"), grey(tmp_path / "b.png", 0.2)]
    assert [stored_prompt(file) for file in files] == ["a red sea\nat night", ""]
    for name, text in (
        ("p.txt", "one\n\ntwo\n"),
        ("p.csv", "picture;prompt\nb.png;two\na.png;one\n"),
        ("p.json", '["one", "two"]'),
        ("q.json", '{"b.png": "two", "a.png": "one"}'),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert prompts_from(tmp_path / name, files) == ["one", "two"], name
    for name, text in (("r.txt", "one"), ("r.csv", "x,y\n1,2\n"), ("r.json", "{"), ("nothing.txt", "")):
        if text:
            (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(OptionError):
            prompts_from(tmp_path / name, files)
    for wrong in (["nothing.png"], [str(tmp_path / "empty")]):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(OutputError):
            picture_files(wrong)


def test_what_is_no_clip_model_is_refused(tmp_path: Path) -> None:
    file = grey(tmp_path / "a.png", 0.1)
    folder = tmp_path / "model"
    for config, said in (
        (None, "not there"),
        ("", "no config.json"),
        ('{"model_type": "bert"}', "'bert'"),
        ('{"model_type": "clip"}', "safetensors"),
    ):
        if config is not None:
            folder.mkdir(exist_ok=True)
            (folder / "config.json").write_text(config)
        with pytest.raises(ModelError, match=said):
            picture_scores([file], ["a"], folder)
