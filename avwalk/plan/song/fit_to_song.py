"""A preset made to fit a song: a ballad looks calm, metal dense and fast, whatever the seed.

Closed forms of the song's `Character`, all scaled by the preset's ``structure.pace``, at 0 of which nothing changes.
With p the pace and e the liveliness of the song, both −1 to 1:

| what | factor |
|---|---|
| speeds of the walk, the flow, the dive, the spin | 2^(0.6 p) of slow songs, 2^(0.35 p) of fast ones: 0.66 to 1.27 |
| zoom: the denser, the more forms in the frame | 2^(−0.15 e) |
| bending of the world | 2^(0.3 e) |
| fine structure | + 0.12 b, b the brightness from −1 to 1; none where there is none |
| light | 1 + 0.18 b: dark songs are low-key |
| all that reacts, see `avwalk.modulation.intensity` | 2^(0.35 e) |

The camera's programmes are those of the preset without the liveliest for slow songs, without the calmest for fast ones,
as long as two are left. Sizes were chosen on generated songs, by eye: twice as much and compositions break.
"""

from __future__ import annotations

from avwalk.config.preset import Preset, targets
from avwalk.contracts import Analysis
from avwalk.plan.song.character import Character, character_of
from avwalk.plan.song.song_palettes import song_palettes

SLOWER, FASTER, ZOOM, WARP, REACTION = 0.6, 0.35, -0.15, 0.3, 0.35  # octaves
"""What streams faster hides hits: that of fast songs is less."""
DETAIL, LIGHT = 0.12, 0.18
CALMEST_FIRST = ("still", "drift", "pull", "push", "orbit")
SLOW, FAST = -0.25, 0.25
"""Pace from which on a song does without some of the camera's programmes."""


def speed(preset: Preset, analysis: Analysis) -> float:
    """Factor on all speeds of a film."""
    pace = preset.structure.pace * character_of(analysis).pace
    return float(2 ** ((SLOWER if pace < 0 else FASTER) * pace))


def reaction(preset: Preset, analysis: Analysis) -> float:
    """Factor on all that reacts: a ballad's hits are small, those of dance music large."""
    return float(2 ** (REACTION * preset.structure.pace * character_of(analysis).liveliness))


def fitted(preset: Preset, analysis: Analysis) -> Preset:
    """The preset with values, camera programmes and palettes that fit the song; `speed` and `reaction` come besides."""
    form, song = preset.structure, character_of(analysis)
    own = {"palettes": song_palettes(preset, analysis)}
    if form.pace:
        own |= {"camera": programmes(form.camera, form.pace * song.pace)}
    return preset.model_copy(update={"structure": form.model_copy(update=own), **_values(preset, song)})


def programmes(names: tuple[str, ...], pace: float) -> tuple[str, ...]:
    """The camera's programmes for a pace of −1 to 1: at least two of them, if there are as many."""
    if len(set(names)) < 3 or SLOW <= pace <= FAST:
        return names
    in_turn = sorted(set(names), key=CALMEST_FIRST.index)
    out = in_turn[-1] if pace < SLOW else in_turn[0]
    return tuple(name for name in names if name != out)


def _values(preset: Preset, song: Character) -> dict[str, object]:
    share = preset.structure.pace
    if not share:
        return {}
    dense, bright = share * song.liveliness, share * (2 * song.brightness - 1)
    camera, cppn, light = preset.camera, preset.cppn, preset.light
    detail = cppn.detail + DETAIL * bright if cppn.detail else 0.0
    return {
        "camera": camera.model_copy(update={"zoom": _within("camera.zoom", camera.zoom * 2 ** (ZOOM * dense))}),
        "cppn": cppn.model_copy(
            update={
                "warp": _within("cppn.warp", cppn.warp * 2 ** (WARP * dense)),
                "detail": _within("cppn.detail", detail),
            }
        ),
        "light": light.model_copy(update={"gain": _within("light.gain", light.gain * (1 + LIGHT * bright))}),
    }


def _within(name: str, value: float) -> float:
    target = targets()[name]
    return min(target.high, max(target.low, value))
