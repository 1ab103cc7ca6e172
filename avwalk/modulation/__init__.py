"""The modulation matrix: routes from signals to parameters, envelopes, curves from files."""
