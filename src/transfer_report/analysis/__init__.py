"""Statistics of the study: estimates, comparisons, findings and claims."""
