"""A study as DVC kept it at any revision: the workspace, a commit, a branch, a tag, an experiment."""
