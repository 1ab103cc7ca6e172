"""What a film takes from its song as a whole: character, fit of a preset, palettes, phrases."""
