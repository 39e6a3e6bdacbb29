"""Attention maps: which parts of an image raise the score of a class, by Grad-CAM."""
