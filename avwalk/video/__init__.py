"""Video output: encoding of segments, joining, audio muxing, verification, sync and flash measures."""
