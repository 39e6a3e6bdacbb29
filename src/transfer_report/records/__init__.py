"""What crosses the borders between stages: small frozen records, each with a JSON form."""
