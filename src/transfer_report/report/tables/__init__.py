"""Tables of the report, one file per section: records in, rows of printed values out."""
