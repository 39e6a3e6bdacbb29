"""Classify images with the model.safetensors in this folder.

Usage: python classify.py IMAGE..., with the packages that README.md names.

For research alone. Nothing here was approved for the diagnosis of patients.
"""

import json
import sys
from importlib import import_module
from pathlib import Path

import torch
from PIL import Image, ImageOps
from safetensors import safe_open

FIT = {"crop": ImageOps.fit, "pad": ImageOps.pad, "squash": Image.Image.resize}

with safe_open(Path(__file__).with_name("model.safetensors"), "pt") as file:
    settings = json.loads(file.metadata()["settings"])
    weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # a file is no dictionary
name = settings["architecture"].removeprefix("timm:")
if settings["package"] == "timm":
    network = import_module("timm").create_model(name, num_classes=0)
elif settings["package"]:
    network = import_module(settings["package"]).EfficientNet.from_name(name.replace("_", "-"), image_size=None)
else:
    network = import_module("torchvision.models").get_model(name, weights=None, **settings["arguments"])
layers = [name for name, layer in network.named_modules() if isinstance(layer, torch.nn.Linear | torch.nn.Conv2d)]
if settings["package"] != "timm":
    network.set_submodule(layers[-1], torch.nn.Identity())
side, mean, std = settings["image_px"], *(torch.tensor(settings[name])[:, None, None] for name in ("mean", "std"))
head = [weights.pop(f"head.linear.{name}") for name in ("weight", "bias")]
network.load_state_dict({name.removeprefix("backbone."): tensor for name, tensor in weights.items()})
network.eval().requires_grad_(False)
for path in sys.argv[1:]:
    image = Image.open(path)
    if image.mode[0] in "IF":
        sys.exit(f"error: {path}: has more than 8 bits a channel; save it with 8")
    image.draft(None, (2 * side, 2 * side))  # the study reads large JPEG files at a fraction of their size
    image = ImageOps.exif_transpose(image).convert("L" if settings["channels"] == 1 else "RGB")
    image = FIT[settings["fit"]](image, (side, side), Image.Resampling.BILINEAR)
    pixels = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).reshape(side, side, -1).permute(2, 0, 1)
    features = network((pixels / 255 - mean)[None] / std)  # grey becomes three channels
    risks = torch.nn.functional.linear(features, *head)[0].softmax(0)
    called = int(risks.argmax())
    if settings["threshold"] is not None and len(risks) == 2:
        positive = settings["positive"]
        called = positive if risks[positive] >= settings["threshold"] else 1 - positive
    print(path, settings["classes"][called], *map("{}={:.6f}".format, settings["classes"], risks.tolist()))
