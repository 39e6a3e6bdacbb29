"""What the study costs, beside what people use instead and beside what the machine can do."""
