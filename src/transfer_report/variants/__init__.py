"""Comparison of two revisions of a study, and overview of its experiments."""
