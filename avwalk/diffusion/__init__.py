"""Stable Diffusion: recipes, loading, prompts, and pictures drawn from them.

Neutral ground: the generator `sd` and the restyle stand on it. torch, diffusers and transformers are imported inside
of the functions that need them.
"""
