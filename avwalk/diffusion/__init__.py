"""Stable Diffusion: recipes, loading, prompt embeddings, sampling, memory tiers.

Shared by the generator `sd` and the restyle. torch, diffusers and transformers are imported inside the functions that
need them.
"""
