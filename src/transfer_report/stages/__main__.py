"""Runs one stage: `python -m transfer_report.stages NAME ARGUMENT…`, as `dvc.yaml` has it."""

import sys
from importlib import import_module

from transfer_report.interruption import listen

if __name__ == "__main__":
    # Before the stage imports PyTorch, which takes seconds in which it can be stopped as well.
    listen()
    main = import_module(f"transfer_report.stages.{sys.argv.pop(1)}").main
    import_module("transfer_report.stages.run").run_stage(main)
