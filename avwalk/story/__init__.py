"""A story becomes a row of pictures and a film: storylets, prompts, pictures, narration, one folder for all of it.

story text ─► storylets ─► prompts ─► pictures ─┐
                     └───► narration ─► timing ─┴─► film.mp4, index.html
"""
