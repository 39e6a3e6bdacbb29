"""The exported network, used by its own script, has the probabilities of the study's."""

import contextlib
import io
import json
import runpy
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save

from transfer_report.data.fit import fit_square
from transfer_report.data.reading import READ_WHOLE
from transfer_report.export.network import NetworkSettings, classify_script, network_file
from transfer_report.export.predict import PredictedImage, predict_images, predict_patients
from transfer_report.models.backbones import build_backbone
from transfer_report.models.heads import Network, build_head
from transfer_report.models.inputs import Normalisation

SMALL = "squeezenet1_1"
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def made(architecture):
    backbone, features = build_backbone(architecture, seed=1)
    return Network(backbone, build_head(features, 2, 0.5, seed=2)).eval()


def settings(**changes):
    fields = {
        "architecture": SMALL, "classes": ["NORMAL", "PNEUMONIA"], "image_px": 64, "fit": "crop",
        "channels": 1, "mean": MEAN, "std": STD,
    }  # fmt: skip
    return NetworkSettings(**fields | changes)


def in_this_process(script, *images):
    """What a script prints."""
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as printed:
        patch.setattr(sys, "argv", [str(script), *map(str, images)])
        runpy.run_path(str(script), run_name="__main__")
    return printed.getvalue()


def by_itself(script, *images):
    """The same in another process, which takes seconds to begin."""
    run = subprocess.run([sys.executable, script.name, *images], cwd=script.parent, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


def classified(folder, network, chosen, images, run=in_this_process):
    (folder / "model.safetensors").write_bytes(network_file(network.state_dict(), chosen))
    (folder / "classify.py").write_text(classify_script(), encoding="utf-8")
    for name, pixels in images.items():
        if pixels is None:  # lies there already
            continue
        Image.fromarray(pixels).save(folder / name)
    return [line.split() for line in run(folder / "classify.py", *(folder / name for name in images)).splitlines()]


@pytest.mark.parametrize(
    ("run", "architecture", "fit", "arguments"),
    [
        (by_itself, "mobilenet_v2", "crop", {}),
        (in_this_process, "squeezenet1_1", "pad", {}),
        (
            in_this_process,
            "googlenet",
            "squash",
            {"aux_logits": False, "transform_input": True, "init_weights": False},
        ),
    ],
)
def test_the_script_gives_the_probabilities_of_the_study(tmp_path, run, architecture, fit, arguments):
    pixels = np.random.default_rng(0).integers(0, 255, (90, 70), dtype=np.uint8)
    network = made(architecture)
    ((_, name, *risks),) = classified(
        tmp_path, network, settings(architecture=architecture, fit=fit, arguments=arguments), {"a.png": pixels}, run
    )
    square = torch.from_numpy(np.array(fit_square(pixels, 64, fit)))[None, :, :, None]
    with torch.inference_mode():
        expected = network(Normalisation(MEAN, STD, torch.device("cpu"))(square))[0].softmax(0)
    assert [float(risk.partition("=")[2]) for risk in risks] == pytest.approx(expected.tolist(), abs=2e-5)
    assert name == ["NORMAL", "PNEUMONIA"][int(expected.argmax())]


@pytest.mark.skipif(not find_spec("timm"), reason="timm is not installed")
def test_the_script_builds_networks_of_timm(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8)
    network = made("timm:convnext_atto")
    chosen = settings(architecture="timm:convnext_atto", package="timm")
    ((_, _, *risks),) = classified(tmp_path, network, chosen, {"a.png": pixels})
    with torch.inference_mode():
        square = torch.from_numpy(pixels)[None, :, :, None]
        expected = network(Normalisation(MEAN, STD, torch.device("cpu"))(square))[0].softmax(0)
    assert [float(risk.partition("=")[2]) for risk in risks] == pytest.approx(expected.tolist(), abs=2e-5)


def test_the_script_turns_an_image_as_its_file_says(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8)
    turned = Image.fromarray(np.rot90(pixels))
    turned.getexif()[0x0112] = 6  # to be turned clockwise
    turned.save(tmp_path / "turned.png", exif=turned.getexif())
    files = {"upright.png": pixels, "turned.png": None}
    (_, *upright), (_, *again) = classified(tmp_path, made(SMALL), settings(), files)
    assert upright == again


# A process that ends closes its files; this one goes on.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_script_refuses_more_than_8_bits(tmp_path):
    with pytest.raises(SystemExit, match="more than 8 bits"):
        classified(tmp_path, made(SMALL), settings(), {"a.png": np.zeros((64, 64), dtype=np.uint16)})


def test_the_threshold_calls(tmp_path):
    pixels = np.full((64, 64, 3), 128, dtype=np.uint8)
    network = made(SMALL)
    for threshold, expected in ((0.000001, "PNEUMONIA"), (0.999999, "NORMAL")):
        chosen = settings(channels=3, threshold=threshold)
        assert classified(tmp_path, network, chosen, {"a.png": pixels})[0][1] == expected


def test_the_file_is_the_same_each_time_and_tells_its_settings(tmp_path):
    network, chosen = made(SMALL), settings(threshold=0.3)
    first = network_file(network.state_dict(), chosen)
    assert first == network_file(dict(reversed(network.state_dict().items())), chosen)
    (tmp_path / "model.safetensors").write_bytes(first)
    with safe_open(tmp_path / "model.safetensors", "pt") as file:
        assert json.loads(file.metadata()["settings"])["threshold"] == 0.3


def test_the_script_is_short():
    assert len(classify_script().splitlines()) <= 50


def test_predict_agrees_with_the_script_and_calls_at_the_threshold(tmp_path):
    pixels = np.random.default_rng(1).integers(0, 255, (80, 100), dtype=np.uint8)
    network = made(SMALL)
    for threshold in (0.000001, 0.999999):
        chosen = settings(threshold=threshold)
        ((_, name, *risks),) = classified(tmp_path, network, chosen, {"a.png": pixels})
        weights = save({key: value.contiguous() for key, value in network.state_dict().items()})
        (found,) = predict_images([tmp_path / "a.png"], chosen, weights, READ_WHOLE)
        assert found.called == name
        assert list(found.probabilities.values()) == pytest.approx(
            [float(risk.partition("=")[2]) for risk in risks], abs=2e-5
        )


def predicted(risk, pixels=None):
    return PredictedImage("", "", {"NORMAL": 1 - risk, "PNEUMONIA": risk}, pixels, None)


@pytest.mark.parametrize(
    ("score", "threshold", "called", "risk"),
    [("mean", None, "NORMAL", 0.4), ("mean", 0.39, "PNEUMONIA", 0.4), ("max", None, "PNEUMONIA", 0.7)],
)
def test_patients_are_scored_as_in_the_study(score, threshold, called, risk):
    found = [predicted(one) for one in (0.7, 0.9, 0.1)]
    second, first = predict_patients(found, ["b", "c", "b"], settings(), score, threshold)[::-1]
    assert (first.patient, first.images, first.called) == ("b", 2, called)
    assert first.probabilities == pytest.approx({"NORMAL": 1 - risk, "PNEUMONIA": risk})
    assert (second.patient, second.images, second.called) == ("c", 1, "PNEUMONIA")


def test_a_map_is_that_of_the_class_that_was_called(tmp_path):
    pixels = np.random.default_rng(1).integers(0, 255, (64, 64), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    weights = save({key: value.contiguous() for key, value in made("mobilenet_v2").state_dict().items()})
    chosen = settings(architecture="mobilenet_v2")
    low, high = (
        next(predict_images([tmp_path / "a.png"], replace(chosen, threshold=one), weights, READ_WHOLE, maps=True))
        for one in (0.000001, 0.999999)
    )
    assert (low.called, high.called) == ("PNEUMONIA", "NORMAL")
    assert low.map.shape == high.map.shape == (4, 4)
    assert (low.map >= 0).all()
    assert not np.array_equal(low.map, high.map)
    assert (low.pixels[..., 0] == pixels).all()
