"""Holds predictions against labels: what each run scores on validation and test images."""
