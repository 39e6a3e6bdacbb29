"""Training: batches, epochs, the choice of the best, resuming; one loop that does not know which condition it runs."""
