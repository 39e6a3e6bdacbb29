"""Pages about variants of a study, for the terminal, for a pull request and for a browser."""
