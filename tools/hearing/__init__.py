"""Makes the music that the network of `avwalk.features.beats` learns from, trains it and fits its decoder.

``python -m tools.hearing --help`` repeats it all; ``README.md`` says what is made of what.
"""
