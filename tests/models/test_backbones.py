import pytest
import torch
from torch import nn

from transfer_report.errors import UserError
from transfer_report.models import backbones
from transfer_report.models.batch_norm import batch_norms

FEATURES = {
    "resnet50": 2048,
    "mobilenet_v2": 1280,
    "mobilenet_v3_small": 1024,
    "vgg11": 4096,
    "alexnet": 4096,
    "densenet121": 1024,
    "vit_b_16": 768,
    "swin_t": 768,
    "convnext_tiny": 768,
    "squeezenet1_1": 512,
    "efficientnet_b0": 1280,
    "shufflenet_v2_x0_5": 1024,
    "regnet_y_400mf": 440,
    "mnasnet0_5": 1280,
    "maxvit_t": 512,
    "googlenet": 1024,
    "inception_v3": 2048,
    "efficientnet_lite0": 1280,
}


@pytest.mark.parametrize(("architecture", "features"), FEATURES.items())
def test_every_family_gives_flat_features_also_in_training_mode(architecture, features):
    backbone = backbones._on_meta_device(
        lambda: backbones.without_classifier(backbones.build_classifier(architecture))[0]
    )
    device = next(backbone.parameters()).device
    assert backbone.train()(torch.empty(2, 3, 224, 224, device=device)).shape == (2, features)


def test_feature_count_is_that_of_the_features():
    backbone, feature_count = backbones.build_backbone("squeezenet1_1")
    assert backbone.eval()(torch.zeros(1, 3, 32, 32)).shape == (1, feature_count)


@pytest.mark.parametrize(
    ("architecture", "left"),
    [("mobilenet_v2", 0), ("vgg11", 1), ("alexnet", 2), ("googlenet", 0), ("efficientnet_lite0", 0)],
)
def test_the_dropout_before_the_classifier_is_taken_out_and_deeper_ones_stay(architecture, left):
    with torch.device("meta"):
        backbone, _ = backbones.without_classifier(backbones.build_classifier(architecture))
    assert sum(isinstance(module, nn.Dropout) for module in backbone.modules()) == left


def test_a_seed_draws_the_same_weights_and_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    first, second, other = (backbones.build_backbone("squeezenet1_1", seed)[0].state_dict() for seed in (0, 0, 1))
    key = "features.0.weight"
    assert torch.equal(first[key], second[key])
    assert not torch.equal(first[key], other[key])
    assert torch.equal(before, torch.get_rng_state())


def test_unknown_architecture_names_the_nearest():
    with pytest.raises(UserError, match=r"models\.x: .*'resnet5'.*did you mean.*'resnet50'"):
        backbones.check_architecture("resnet5", "params.yaml: models.x")


@pytest.mark.parametrize(("architecture", "image_px"), [("vit_b_16", 48), ("alexnet", 48), ("maxvit_t", 100)])
def test_impossible_image_size_says_what_is_possible(architecture, image_px):
    with pytest.raises(UserError, match=rf"{architecture} cannot take images of {image_px} × {image_px}.*(63|224)"):
        backbones.check_image_px(architecture, image_px, "params.yaml: data.image_px")


@pytest.mark.parametrize(
    ("architecture", "image_px"), [("vit_b_16", 224), ("resnet50", 8), ("vgg11", 32), ("efficientnet_lite0", 8)]
)
def test_possible_image_size_passes(architecture, image_px):
    backbones.check_image_px(architecture, image_px, "params.yaml: data.image_px")


def takes(architecture, side_px):
    """Whether the shapes of a network with batch norm fit images of a size."""
    backbone = backbones._on_meta_device(
        lambda: backbones.without_classifier(backbones.build_classifier(architecture))[0]
    )
    assert list(batch_norms(backbone))
    with torch.no_grad():
        images = torch.empty(2, 3, side_px, side_px, device=next(backbone.parameters()).device)
        return len(backbone.eval()(images)) == 2


@pytest.mark.parametrize("architecture", [
    "maxvit_t", "inception_v3", "googlenet", "densenet121", "efficientnet_v2_s", "mnasnet0_5", "mobilenet_v3_small",
    "regnet_x_400mf", "resnext50_32x4d", "shufflenet_v2_x0_5", "vgg11_bn", "wide_resnet50_2", "efficientnet_lite0",
])  # fmt: skip
def test_every_family_with_batch_norm_takes_the_noise_of_its_random_start(architecture):
    side_px = backbones.noise_px(architecture)
    assert side_px == (224 if architecture == "maxvit_t" else 128)
    assert takes(architecture, side_px)


def test_batches_of_one_image_are_refused_where_batch_norm_has_no_variance():
    with pytest.raises(UserError, match=r"here: resnet18 has batch norm"):
        backbones.check_batch_size("resnet18", 32, 1, "here")
    backbones.check_batch_size("resnet18", 32, 2, "here")
    backbones.check_batch_size("convnext_tiny", 32, 1, "here")
