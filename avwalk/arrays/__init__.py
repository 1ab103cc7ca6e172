"""Operations on pictures that every stage may use: fitting, colour, upscaling, cross-fades, compiled loops."""
