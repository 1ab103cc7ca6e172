"""What the network says, in the order it says it."""

SLOW = ("beat", "downbeat", "boundary", "voice", "drums")
"""50 times a second: beat, downbeat, section boundary, somebody sings or speaks, drums play."""
FAST = ("kick", "snare", "hat")
"""100 times a second; the loudness of each follows after all three."""
