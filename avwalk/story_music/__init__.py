"""Music for a story: a mood for each storylet becomes an arrangement by a synthesiser of our own."""
