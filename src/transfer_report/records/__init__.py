"""Records passed between stages: small and frozen, each with a JSON form."""
