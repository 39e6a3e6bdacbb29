"""What a clinician asks of a network: curves, an operating point, the calibration of its risks, net benefit."""
