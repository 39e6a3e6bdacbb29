"""A transfer-learning study that writes its own report, and says only what the study showed."""
