"""What differs between two revisions of a study, and what became of every experiment."""
