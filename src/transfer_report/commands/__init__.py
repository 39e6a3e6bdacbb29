"""Commands of `transfer-report`, one file each."""
