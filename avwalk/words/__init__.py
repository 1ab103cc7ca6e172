"""The words of a song or a voice on its clock: reading, writing, correcting, and the signals that are made of them."""
