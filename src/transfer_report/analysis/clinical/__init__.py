"""Clinical measures of a network: curves, operating point, calibration of its risks, net benefit."""
