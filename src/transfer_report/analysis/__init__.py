"""What may be said of the study, and how sure."""
