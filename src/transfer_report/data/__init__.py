"""Sources of images, their checks and splits, and the prepared arrays."""
