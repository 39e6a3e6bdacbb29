"""Networks of timm, with random weights and with a published file that a test makes; nothing is downloaded."""

from hashlib import sha256
from importlib.util import find_spec

import pytest
import torch
from safetensors.torch import load, save_file

from transfer_report.errors import UserError
from transfer_report.models import initial_weights, timm_models
from transfer_report.models.backbones import build_backbone, build_classifier, check_architecture, check_image_px
from transfer_report.models.blocks import blocks, freeze_blocks
from transfer_report.models.heads import Network, build_head
from transfer_report.models.splitting import split
from transfer_report.planning import Model
from transfer_report.settings import WeightsFileSettings, WeightsSettings

installed = pytest.mark.skipif(not find_spec("timm"), reason="timm is not installed")
FAMILIES = {
    "timm:resnet10t": (64, 512, ["conv1", "layer1", "layer2", "layer3", "layer4"]),
    "timm:vit_tiny_patch16_224": (224, 192, ["patch_embed", *(f"blocks.{number}" for number in range(12))]),
    "timm:swin_tiny_patch4_window7_224": (224, 768, ["patch_embed", *(f"layers.{number}" for number in range(4))]),
    "timm:convnext_atto": (64, 320, ["stem", *(f"stages.{number}" for number in range(4))]),
    "timm:efficientnet_b0": (64, 1280, ["conv_stem", *(f"blocks.{number}" for number in range(7)), "conv_head"]),
}
"""Side of an image, features, blocks."""
MODEL = Model(name="own", architecture="timm:resnet10t", weights="imagenet")


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setattr(initial_weights, "torch_cache", lambda: tmp_path / "cache")
    path = tmp_path / "weights"
    path.mkdir()
    return WeightsSettings(source="imagenet", path=str(path), if_unavailable="fail", download=False, seed=0)


@installed
@pytest.mark.parametrize("architecture", FAMILIES)
def test_each_family_has_features_and_blocks_and_is_cut_between_these(architecture):
    image_px, features, names = FAMILIES[architecture]
    backbone, feature_count = build_backbone(architecture)
    assert [block.name for block in blocks(backbone)] == names
    head = build_head(feature_count, 2, 0.0, 0)
    network = Network(backbone, head, frozen=freeze_blocks(backbone, "last block")).train()
    cut = split(backbone)
    network.eval()
    images = torch.randn(2, 3, image_px, image_px)
    with torch.no_grad():
        whole = backbone(images)
        assert torch.equal(cut.rest(cut.frozen(images)), whole)
    assert (feature_count, whole.shape) == (features, (2, features))


@installed
def test_a_published_file_is_verified_and_loaded_and_told(settings, tmp_path, monkeypatch):
    torch.manual_seed(7)
    state = build_classifier(MODEL.architecture).state_dict()
    path = tmp_path / "file.pth"
    torch.save(state, path)
    digest = sha256(path.read_bytes()).hexdigest()[:8]
    path = path.rename(tmp_path / f"weights/resnet10t-{digest}.pth")
    published = timm_models.TimmWeights(
        label="resnet10t.own", url=f"https://example.org/{path.name}", hub_url="", mean=(0.4,) * 3, std=(0.2,) * 3,
        image_px=176, takes_other_sizes=True, licence="apache-2.0",
    )  # fmt: skip
    for module in ("backbones", "pretrained", "initial_weights"):
        monkeypatch.setattr(f"transfer_report.models.{module}.timm_weights", lambda _: published)
    initial_weights.check_weights(MODEL)
    record, content = initial_weights.initial_weights(MODEL, settings)
    backbone = load(content)
    assert all(torch.equal(value, state[name]) for name, value in backbone.items())
    assert set(state) - set(backbone) == {"fc.weight", "fc.bias"}
    assert (record.source, record.name, record.licence) == ("imagenet", "timm resnet10t.own", "apache-2.0")
    assert (record.origin, record.trained_px) == (f"timm resnet10t.own, {path.name}", 176)
    assert (record.mean, record.std) == ([0.4] * 3, [0.2] * 3)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UserError, match="not the file that its name says"):
        initial_weights.initial_weights(MODEL, settings)


@installed
def test_what_timm_says_of_weights():
    found = timm_models.timm_weights("timm:resnet18.a1_in1k")
    assert (found.label, found.image_px, found.licence) == ("resnet18.a1_in1k", 224, "apache-2.0")
    assert initial_weights.published_file(MODEL.model_copy(update={"architecture": "timm:resnet18"})).name == (
        "resnet18_a1_0-d63eafa0.pth"
    )


@installed
def test_weights_without_a_hash_are_not_downloaded_but_named():
    model = MODEL.model_copy(update={"architecture": "timm:vit_tiny_patch16_224"})
    with pytest.raises(UserError) as refused:
        initial_weights.check_weights(model)
    for part in (
        "models.own.weights: timm publishes no weights of vit_tiny_patch16_224.augreg_in21k_ft_in1k with their hash",
        "url: https://huggingface.co/timm/vit_tiny_patch16_224.augreg_in21k_ft_in1k/resolve/main/model.safetensors",
        "licence: apache-2.0",
    ):
        assert part in str(refused.value)
    initial_weights.check_weights(model.model_copy(update={"weights": "random"}))


@installed
def test_a_file_of_the_hub_is_matched_by_name(settings, tmp_path):
    state = build_classifier("timm:test_vit").state_dict()
    path = tmp_path / "model.safetensors"
    save_file(state, path)
    digest = sha256(path.read_bytes()).hexdigest()
    weights = WeightsFileSettings(path=str(path), sha256=digest, source="timm test_vit", licence="apache-2.0")
    model = Model(name="own", architecture="timm:test_vit", weights=weights)
    record, _ = initial_weights.initial_weights(model, settings)
    assert record.match.left_out == ["head.bias", "head.weight"]
    assert record.mean == [0.5, 0.5, 0.5]


@installed
@pytest.mark.parametrize(
    ("architecture", "message"),
    [
        ("timm:resnet5", "here: timm has no network 'resnet5'; did you mean 'resnet"),
        ("timm:resnet18.a1", "here: timm has no weights 'a1' of resnet18; known: a1_in1k, a2_in1k"),
    ],
)
def test_unknown_names_name_the_nearest(architecture, message):
    check_architecture("timm:resnet18.a1_in1k", "here")
    with pytest.raises(UserError, match=message):
        check_architecture(architecture, "here")


@installed
def test_another_image_size_than_the_networks_is_refused():
    with pytest.raises(UserError, match=r"timm:vit_tiny.* cannot take images of 96 × 96 pixels .* for it is 224"):
        check_image_px("timm:vit_tiny_patch16_224", 96, "here")


def test_a_missing_package_is_named_with_how_to_install_it(monkeypatch):
    monkeypatch.setattr(timm_models, "find_spec", lambda _: None)
    with pytest.raises(UserError, match=r"here: timm:resnet18 needs the package timm, .*requirements/timm\.txt"):
        check_architecture("timm:resnet18", "here")
