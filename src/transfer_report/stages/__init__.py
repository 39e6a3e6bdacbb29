"""One thin file per DVC stage: read what is declared, call one function, write what is declared."""

from transfer_report.interruption import listen, running_a_stage

# Before the stage imports PyTorch, which takes seconds in which it can be stopped as well.
if running_a_stage():
    listen()
