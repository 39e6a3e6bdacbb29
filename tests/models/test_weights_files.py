"""Weights of any origin: what matches is taken and told, all else is refused in words."""

import os
from hashlib import sha256

import pytest
import torch
from safetensors.torch import load, save_file
from tests.models.test_initial_weights import serving

from transfer_report.errors import UserError
from transfer_report.models import initial_weights as module
from transfer_report.models.backbones import build_backbone, build_classifier
from transfer_report.models.initial_weights import check_weights, initial_weights, published_file
from transfer_report.planning import Model
from transfer_report.settings import WeightsFileSettings, WeightsSettings

ARCHITECTURE = "squeezenet1_1"
STUDY = WeightsSettings(source="imagenet", path="weights", if_unavailable="random", download=False, seed=0)


def published(architecture=ARCHITECTURE):
    torch.manual_seed(7)
    return build_classifier(architecture).state_dict()


@pytest.fixture
def started(tmp_path):
    """A model's initial weights from a file of some contents."""

    def start(content, name="own.pth", architecture=ARCHITECTURE, digest=None, **settings):
        path = tmp_path / name
        save_file(content, path) if name.endswith(".safetensors") else torch.save(content, path)
        digest = digest or sha256(path.read_bytes()).hexdigest()
        values = {"path": str(path), "sha256": digest, "source": "RadImageNet", "licence": "CC BY 4.0"} | settings
        model = Model(name="own", architecture=architecture, weights=WeightsFileSettings(**values))
        return initial_weights(model, STUDY)

    return start


@pytest.mark.parametrize("name", ["own.safetensors", "own.pth"])
@pytest.mark.parametrize("prefix", ["", "module.", "backbone.", "module.encoder.", "model."])
def test_all_tensors_come_from_the_file_below_the_usual_prefixes(started, name, prefix):
    state = published()
    record, content = started({f"{prefix}{key}": value for key, value in state.items()}, name)
    backbone = load(content)
    assert all(torch.equal(value, state[key]) for key, value in backbone.items())
    assert (record.requested, record.source, record.name, record.licence) == (
        "file", "file", "RadImageNet", "CC BY 4.0"
    )  # fmt: skip
    assert (record.origin, record.match.tensors, record.match.prefix) == (name, len(backbone), prefix)
    assert sorted(record.match.left_out) == [f"{prefix}classifier.1.bias", f"{prefix}classifier.1.weight"]


@pytest.mark.parametrize("container", ["state_dict", "model", "teacher"])
def test_a_checkpoint_with_other_things_is_searched_for_the_network(started, container):
    record, _ = started({"epoch": 3, "optimizer": {"lr": 0.1}, container: published()})
    assert record.match.tensors == 50


def test_a_networks_own_encoder_keeps_its_name(started):
    state = {f"module.{key}": value for key, value in published("vit_b_16").items()}
    record, _ = started(state, architecture="vit_b_16")
    assert (record.match.prefix, record.match.left_out) == (
        "module.",
        ["module.heads.head.weight", "module.heads.head.bias"],
    )


def test_counters_may_be_missing_and_halves_become_whole(started):
    state = {key: value.half() for key, value in published("resnet18").items() if "num_batches" not in key}
    record, content = started(state, architecture="resnet18")
    assert record.match.tensors == len(load(content)) - 20
    assert load(content)["conv1.weight"].dtype == torch.float32


def test_grey_weights_give_three_equal_channels_what_they_gave_one(started):
    state = published("resnet18")
    grey = state | {"conv1.weight": state["conv1.weight"].sum(1, keepdim=True)}
    record, content = started(grey, architecture="resnet18")
    backbone, _ = build_backbone("resnet18")
    backbone.load_state_dict(load(content))
    image = torch.randn(1, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    wanted = torch.nn.functional.conv2d(image, grey["conv1.weight"], stride=2, padding=3)
    torch.testing.assert_close(backbone.conv1(image.expand(-1, 3, -1, -1)), wanted)
    assert record.match.grey


def test_normalisation_is_imagenets_unless_set(started):
    assert started(published())[0].mean == [0.485, 0.456, 0.406]
    record, _ = started(published(), mean=[0.5, 0.5, 0.5], std=[0.25, 0.25, 0.25])
    assert (record.mean, record.std) == ([0.5] * 3, [0.25] * 3)


class Trap:
    """An object whose unpickling makes a folder."""

    def __reduce__(self):
        return os.mkdir, ("sprung",)


def without(key):
    return {name: value for name, value in published().items() if name != key}


FIRST = "features.0.weight"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (without(FIRST), rf"own\.pth: lacks 1 of the network's 50 tensors, such as {FIRST}; its own are"),
        (published("resnet18"), r"lacks 50 of the network's 50 .*`architecture`"),
        (published() | {FIRST: torch.zeros(2)}, rf"own\.pth: {FIRST} has the shape \(2,\), the network's has \(64, 3"),
        (published() | {FIRST: torch.full((64, 3, 3, 3), torch.nan)}, "no finite numbers"),
        (published() | {f"encoder.{FIRST}": torch.zeros(2)}, f"two tensors for {FIRST}"),
        ({"weights": Trap()}, "not a file of tensors alone .*is not run"),
        ({"epoch": 3}, "no tensors by name"),
        (torch.zeros(2), "no tensors by name"),
    ],
)
def test_what_does_not_match_is_one_clear_error(started, tmp_path, monkeypatch, content, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=message):
        started(content)
    assert not (tmp_path / "sprung").exists()


def test_another_hash_a_missing_and_a_damaged_file_are_refused(started, tmp_path):
    with pytest.raises(UserError, match=r"models\.own\.weights\.sha256: .* has another SHA-256, [0-9a-f]{64};"):
        started(published(), digest="0" * 64)
    with pytest.raises(UserError, match=r"models\.own\.weights\.path: .*no such file.*dvc add"):
        started(published(), path=str(tmp_path / "nothing.pth"))
    (tmp_path / "bad.safetensors").write_bytes(b"{}")
    with pytest.raises(UserError, match="not a readable file of weights"):
        started(published(), path=str(tmp_path / "bad.safetensors"), digest=sha256(b"{}").hexdigest())


def test_a_file_with_an_address_is_downloaded_into_the_cache_and_verified(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "torch_cache", lambda: tmp_path / "cache")
    path = tmp_path / "server/own.pth"
    path.parent.mkdir()
    torch.save(published(), path)
    values = {"path": str(tmp_path / "own.pth"), "source": "RadImageNet", "licence": "CC BY 4.0"}
    digest = sha256(path.read_bytes()).hexdigest()
    with serving(path.parent) as address:
        file = WeightsFileSettings(**values, sha256=digest, url=f"{address}/own.pth")
        model = Model(name="own", architecture=ARCHITECTURE, weights=file)
        with pytest.raises(UserError, match=r"own\.weights\.url: .*own\.pth is not downloaded, .*; put the file to"):
            initial_weights(model, STUDY)
        record, _ = initial_weights(model, STUDY.model_copy(update={"download": True}))
        wrong = file.model_copy(update={"sha256": "0" * 64})
        with pytest.raises(UserError, match="its SHA-256 begins with"):
            initial_weights(model.model_copy(update={"weights": wrong}), STUDY.model_copy(update={"download": True}))
    assert (record.source, record.origin) == ("file", "own.pth")
    assert [one.name for one in (tmp_path / "cache").iterdir()] == [f"own-{digest}.pth"]
    initial_weights(model, STUDY)  # now from the cache


def named(weights, architecture="resnet50"):
    return Model(name="net", architecture=architecture, weights=weights)


def test_torchvisions_other_weights_go_by_their_names():
    assert published_file(named("IMAGENET1K_V2")).name == "resnet50-11ad3fa6.pth"
    assert published_file(named("imagenet")).name == published_file(named("IMAGENET1K_V1")).name
    assert published_file(named("random")) is None
    check_weights(named("IMAGENET1K_V2"))


@pytest.mark.parametrize("architecture", ["resnet18", "efficientnet_lite0"])
def test_a_name_that_torchvision_does_not_have_is_refused_with_those_that_it_has(architecture):
    known = r"it has IMAGENET1K_V1$" if architecture == "resnet18" else "it has none; write `imagenet`"
    with pytest.raises(
        UserError, match=rf"models\.net\.weights: .*no weights IMAGENET1K_V2 of {architecture}; {known}"
    ):
        check_weights(named("IMAGENET1K_V2", architecture))
