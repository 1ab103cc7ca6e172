"""How texts say that a weather is over: its name is in them, and it must not be seen."""

from __future__ import annotations

import re

_AGAIN = r"(?:(?:now|at last|soon|once more|again|quite|very|so|all|completely|perfectly|finally|slowly) )*"
_IS = r"(?:was|were|is|are|has|had|have|lay|became|grew|turned|stayed|been)"
_SKIES = r"(?:storm|rain|snow(?:fall)?|fog|mist|wind|tempest|clouds?|thunder|thunderstorm|blizzard)"
OVER = re.compile(
    rf"\b{_SKIES}\b (?:(?:{_IS}) )*{_AGAIN}(?:gone|passed|ended|stopped|ceased|cleared|lifted|"
    r"died (?:down|away)|blown (?:over|away|out)|moved on|melted|dropped|faded|thinned)\b"
    rf"|\bafter the (?:\w+ )?{_SKIES}\b(?! (?:came|began|broke|started))"
    rf"|\b{_SKIES} {_IS} {_AGAIN}over\b(?! (?:the|an?|his|her|its|our|their|my|your|this|that|all)\b)"
    r"|\b(?:stopped|ceased|no longer) (?:raining|snowing|storming)\b|\b(?:did not|didn't) rain any ?more\b",
    re.I,
)
"""What was in the air is gone."""
FAIR = re.compile(
    rf"\bsun (?:had |has )?{_AGAIN}(?:(?:came|come|comes|broke|breaks|broken) (?:out|through|back)|shone|shines|"
    r"shining|(?:was|is) (?:shining|out|warm|hot))\b"
    r"|\b(?:stars|moon) (?:had |have |has )?(?:came|come|comes|were|are|was|is) out\b"
    rf"|\bsk(?:y|ies) {_IS} {_AGAIN}(?:clear|blue|cloudless)\b|\b(?:clear|blue|cloudless) sk(?:y|ies)\b"
    r"|\b(?:sunny|cloudless) (?:day|morning|afternoon|noon|weather|hills?|fields?)\b",
    re.I,
)
"""What nobody sees in bad weather."""
_WATERS = r"(?:seas?|ocean|waters?|lake|waves|wind|weather|air|river|bay)"
_STILL = r"(?:calm(?:er)?|still|smooth|glassy|flat|peaceful|placid|tranquil)"
CALM = re.compile(
    rf"\b{_WATERS} (?:{_IS} )+{_AGAIN}{_STILL}\b|\b{_STILL} {_WATERS}\b"
    rf"|\b{_WATERS} (?:{_IS} )*{_AGAIN}(?:calmed|settled)\b",
    re.I,
)
"""Water and air at rest."""
