"""Claims, held against the evidence at every build: what they may say, and how they are judged."""
