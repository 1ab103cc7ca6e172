"""Reading songs: probing, content hash, decoding to float32 blocks."""
