"""What people type beside `dvc`: one file per command of `transfer-report`."""
