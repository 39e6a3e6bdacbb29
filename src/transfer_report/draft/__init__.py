"""Drafts: the report of what is finished while the rest still trains, out of DVC's sight."""
