"""Musical score and the artist's cues: cue files, musical times, corrections of the detected score, automation."""
