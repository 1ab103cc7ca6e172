"""The built-in generator `cppn`: a compositional pattern-producing network, lit and coloured; no weights, no torch."""
