"""Model weights: catalogue, download, cache, integrity, formats, ImageNet class names.

torch is imported inside the functions that need it.
"""
