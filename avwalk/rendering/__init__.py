"""From a plan to a finished file: segments drawn and encoded, sound, joining, checks."""
