"""Texts with known answers."""

from __future__ import annotations

LIGHTHOUSE = """\
Anna lived alone in the old lighthouse above the grey sea. Every night she climbed the stairs and lit the lamp. \
One stormy evening a small boat appeared between the waves. She ran down to the beach with a lantern in her hand.

An old fisherman lay in the boat, cold and silent. "Who are you?" she asked. He opened his eyes and smiled. His name \
was Tomas, and he had been lost for three days.

In the morning the storm was gone. They sat in the warm kitchen and drank tea. He told her about a city of glass \
beneath the waves. She did not believe him.

At midnight Anna woke. Blue light was shining through the window. She walked to the shore, and far below the water she \
saw towers, streets and a thousand lamps. Tomas was gone. Only his boat rocked on the calm sea.
"""
FRENCH = """\
Le vent souffle sur la mer et les vagues montent vers le ciel. Une petite fille marche seule sur la plage. Elle \
cherche un coquillage pour sa mère. Au loin, un bateau rouge rentre au port.
"""
CHAT = """\
[12/03/2024, 10:15:32] Anna: Are you coming to the lake tonight?
[12/03/2024, 10:16:02] Ben: Yes, I will bring the old red boat
and the lanterns
[12/03/2024, 10:16:40] Anna: <Media omitted>
12/03/24, 10:17 - Messages and calls are end-to-end encrypted.
[12/03/2024, 10:18:00] Anna: Great! We can row to the island and watch the stars.
[12/03/2024, 10:19:00] Ben: See you at dusk
"""
