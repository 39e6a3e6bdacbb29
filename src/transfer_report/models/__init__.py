"""Pretrained networks: backbones without their classifier, heads, frozen networks, start weights."""
