"""Pretrained networks: backbones without their classifier, heads, frozen networks, initial weights."""
