"""What was measured of the project, repeatable by anyone."""
