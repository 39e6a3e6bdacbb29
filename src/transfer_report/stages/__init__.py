"""One thin file per DVC stage: read what is declared, call one function, write what is declared."""
