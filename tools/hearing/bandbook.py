"""How the grooves of MMA, Bob van der Poel's Musical MIDI Accompaniment, are tapped: its files do not say it."""

from __future__ import annotations

from dataclasses import dataclass

Meters = tuple[tuple[int, int], ...]

_FOURS: Meters = ((4, 4), (2, 2), (2, 4))
_THREES: Meters = ((3, 4), (9, 8))
_SIXES: Meters = ((6, 8),)
_STRAIGHT = (
    "50srock 110 160,60srock 110 150,8beat 80 125,basicrock 92 150,beguine 100 130,bolero 84 108,boneym 108 126,"
    "bossanova 110 150,bubblerock 110 140,bvfunk 88 112,calypso 92 128,chacha 108 128,cubanguitar 92 120,"
    "desert 76 110,dsoul 84 116,folk 90 125,folkrock 95 136,jazzrhumba 100 130,jazzrock 95 130,lfusion 90 126,"
    "lighttango 110 132,mambo 160 204,rb 80 112,rhumba 94 126,salsa 160 208,ska 120 172,slowbolero 64 86,"
    "softrock 74 112,strut 90 120,tango 110 132,trance 124 146,twist 140 176,zydeco 110 150,ballad 60 88,"
    "guitarballad 60 86,pianoballad 58 85,popballad 60 88,rb-ballad 58 84,stringballad 58 85,folkballad 66 96,"
    "hymn 64 96,lullaby 62 88,slowcountry 66 90,slowspiritual 58 80,spiritual 75 112,popspiritual 80 116,"
    "hillcountry 90 130,ragtime 84 112,arpeggio44 66 120"
)
_SWUNG = (
    "bigband 118 192,bebop 120 200,evansish 90 140,descendingjazz 90 132,folkyjazz 90 132,gypsyjazz 160 210,"
    "easyswing 100 162,jazzcombo 110 184,jazzguitar 100 170,modernjazz 110 172,nitejazz 64 102,slowjazz 58 92,"
    "swing 110 192,countryswing 110 160,westernswing 126 180,shuffleboggie 108 150,boggiewoggie 118 166,"
    "blues 84 132,fastblues 118 170,slowblues 58 86,countryblues 84 122,bluefolk 80 122,foxtrot 110 142,"
    "jive 148 182,charleston 176 212,quickstep 178 210,softshoe 84 116,showtune 108 142,mellowjazz 56 78"
)
_HALVED = "bwmarch 104 132,broadway 98 142,dixie 92 116,fastswing 98 134,march 104 130,merengue 112 152"
_WALTZES = (
    "waltz 88 170,fastwaltz 150 204,frenchwaltz 138 192,countrywaltz 92 142,broadwaywaltz 120 182,"
    "rockwaltz 98 152,latinwaltz 98 152,jazzwaltz 118 182,fastjazzwaltz 156 206,modernjazzwaltz 108 172,"
    "vienesewaltz 158 204,arpeggiowaltz 78 142"
)
_TWELVES = "ballad128 56 84,blues128 56 92,rock-128 58 94"
_SEXTUPLES = "68swing 58 112,arpeggio68 56 78,blues68 56 76"


@dataclass(frozen=True)
class Tapping:
    """How a file of grooves is tapped.

    Attributes:
        units: MMA's beats of a bar.
        taps: where people tap, of these.
        low: slowest taps per minute; tempi are those of the dances and styles that the files are named after.
        high: fastest.
        fits: time signatures of tunes that can be played to it.
        swung: its eighths are.
    """

    units: int
    taps: tuple[int, ...]
    low: float
    high: float
    fits: Meters
    swung: bool = False


def _named(text: str, units: int, taps: tuple[int, ...], fits: Meters, swung: bool = False) -> dict[str, Tapping]:
    rows = (row.split() for row in text.split(","))
    return {name: Tapping(units, taps, float(low), float(high), fits, swung) for name, low, high in rows}


TAPPINGS = (
    _named(_STRAIGHT, 4, (0, 1, 2, 3), _FOURS)
    | _named(_SWUNG, 4, (0, 1, 2, 3), _FOURS, swung=True)
    | _named(_HALVED, 4, (0, 2), _FOURS)
    | _named(_WALTZES, 3, (0, 1, 2), _THREES)
    | _named(_TWELVES, 4, (0, 1, 2, 3), _SIXES)
    | _named(_SEXTUPLES, 6, (0, 3), _SIXES)
    | _named("68march 96 128", 2, (0, 1), _SIXES)
)
"""File of MMA's library, without its ending → how it is tapped."""
