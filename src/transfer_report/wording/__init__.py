"""Words and printed numbers: the only place that rounds, and the only one that knows the report's language."""
