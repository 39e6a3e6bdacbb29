"""Runs the pipeline's stages side by side, here or on other machines; DVC decides what runs and keeps what came out."""
