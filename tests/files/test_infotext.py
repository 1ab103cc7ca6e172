from __future__ import annotations

from avwalk.files.infotext import infotext, parsed

# as the web UI writes it
THEIRS = """a glass forest, (dawn:1.2), "light"
second line
Negative prompt: blurry,
lowres
Steps: 20, Sampler: DPM++ 2M Karras, CFG scale: 7.5, Seed: 965400086, Size: 512x768, Model hash: 84d76a0328, \
Lora hashes: "style: 1234, other: 5678", Denoising strength: 0.5, Version: v1.7.0"""


def test_theirs_is_read() -> None:
    assert parsed(THEIRS) == {
        "Prompt": 'a glass forest, (dawn:1.2), "light"\nsecond line',
        "Negative prompt": "blurry,\nlowres",
        "Steps": "20",
        "Sampler": "DPM++ 2M Karras",
        "CFG scale": "7.5",
        "Seed": "965400086",
        "Size": "512x768",
        "Model hash": "84d76a0328",
        "Lora hashes": "style: 1234, other: 5678",
        "Denoising strength": "0.5",
        "Version": "v1.7.0",
    }


def test_ours_is_of_their_form_and_comes_back() -> None:
    values = {
        "Steps": 4,
        "Sampler": "LCM",
        "CFG scale": 1.5,
        "Seed": 7,
        "Size": "512x512",
        "Model": "a, b: c",
        "No": None,
    }
    text = infotext("a forest", "blurry", values)
    assert text == (
        "a forest\nNegative prompt: blurry\n"
        'Steps: 4, Sampler: LCM, CFG scale: 1.5, Seed: 7, Size: 512x512, Model: "a, b: c"'
    )
    assert parsed(text) == {
        "Prompt": "a forest",
        "Negative prompt": "blurry",
        "Steps": "4",
        "Sampler": "LCM",
        "CFG scale": "1.5",
        "Seed": "7",
        "Size": "512x512",
        "Model": "a, b: c",
    }
    assert infotext("x", "", {"Steps": 1, "Seed": None}) == "x\nSteps: 1"


def test_a_prompt_alone_is_a_prompt() -> None:
    assert parsed("time: noon, place: sea") == {"Prompt": "time: noon, place: sea"}
    assert parsed("") == {} and parsed("a\n\nb") == {"Prompt": "a\n\nb"}
    assert parsed('a\nSteps: 1, Size: 2x2, Model: "broken\\') == {
        "Prompt": "a",
        "Steps": "1",
        "Size": "2x2",
        "Model": '"broken\\',
    }
