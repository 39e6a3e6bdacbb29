"""Images from elsewhere: under the study's classes, in its form, without those that the study already has."""

import numpy as np
import pytest
from PIL import Image

from transfer_report.data.external import classes_of_study, read_external
from transfer_report.errors import UserError
from transfer_report.loading import load_params
from transfer_report.settings import ExternalSettings

CLASSES = ["NORMAL", "PNEUMONIA"]
SIDE = 16


@pytest.fixture
def clinic(tmp_path):
    """Six images of each class of another clinic, coloured, and one of a class that the study lacks."""
    generator = np.random.default_rng(0)
    for name, count in {"healthy": 6, "PNEUMONIA": 6, "COVID": 1}.items():
        for number in range(count):
            path = tmp_path / "clinic" / name / f"p{number // 2}_{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(generator.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)).save(path)
    return tmp_path / "clinic"


def read(clinic, own, **settings):
    data = load_params().data.model_copy(update={"image_px": SIDE})
    given = {"classes": {"healthy": "NORMAL", "COVID": None}, "patient_pattern": r"(p\d+)_"} | settings
    entry = ExternalSettings(source="folder", path=str(clinic), **given)
    return read_external("clinic-b", entry, data, CLASSES, [own], clinic.parent / "cache")


def test_images_get_the_studys_classes_and_colours(clinic):
    found = read(clinic, np.zeros((1, SIDE, SIDE, 1), np.uint8))
    assert sorted(found.labels) == [0] * 6 + [1] * 6
    assert set(found.patients) == {"p0", "p1", "p2"}
    assert found.left_out == {"classes": 1}
    assert found.pixels.shape == (12, SIDE, SIDE, 1)
    grey = np.asarray(Image.open(clinic / "PNEUMONIA/p0_0.png").convert("L"))
    assert any((image[:, :, 0] == grey).all() for image in np.asarray(found.pixels))


def test_images_that_the_study_has_are_left_out(clinic):
    copy = np.asarray(Image.open(clinic / "healthy/p1_3.png"))
    found = read(clinic, copy[None])
    assert found.left_out == {"classes": 1, "copies": 1}
    assert found.labels.count(0) == 5
    assert not any((image == copy).all() for image in np.asarray(found.pixels))


def test_a_grey_copy_in_a_study_in_colour_is_one(tmp_path):
    generator = np.random.default_rng(0)
    own = generator.integers(0, 256, (1, SIDE, SIDE, 1), dtype=np.uint8)
    for name in CLASSES:
        (tmp_path / "clinic" / name).mkdir(parents=True)
        Image.fromarray(generator.integers(0, 256, (SIDE, SIDE), dtype=np.uint8)).save(
            tmp_path / f"clinic/{name}/1.png"
        )
    Image.fromarray(own[0, :, :, 0]).save(tmp_path / "clinic/NORMAL/2.png")
    found = read(tmp_path / "clinic", np.repeat(own, 3, axis=3), classes={}, patient_pattern="")
    assert (found.left_out, found.labels) == ({"copies": 1}, [0, 1])


def test_a_class_without_images_is_refused(clinic):
    with pytest.raises(UserError, match=r"^params.yaml: data.external.clinic-b: has no image of NORMAL; "):
        read(clinic, np.zeros((1, SIDE, SIDE, 1), np.uint8), classes={"healthy": None, "COVID": None})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, r"^x: healthy, COVID: no class of the study, whose classes are NORMAL, PNEUMONIA; .*{healthy: NORMAL}"),
        ({"healty": "NORMAL"}, r"^x\.healty: there is no such class there; did you mean 'healthy'"),
        ({"healthy": "NORML"}, r"^x\.healthy: 'NORML' is no class of the study; did you mean 'NORMAL'"),
    ],
)
def test_classes_have_to_match_or_be_mapped(given, message):
    with pytest.raises(UserError, match=message):
        classes_of_study(["healthy", "PNEUMONIA", "COVID"], given, CLASSES, "x")


@pytest.mark.parametrize("classes", [["NORMAL", "PNEUMONIA"], ["PNEUMONIA", "NORMAL"]])
def test_labels_are_those_of_the_study_whatever_the_order_of_its_classes_and_of_theirs(tmp_path, classes):
    """The study puts its positive class last; folders elsewhere come in the order of their names, which differ."""
    shades = {"a-sick": 200, "healthy": 100}
    for name, shade in shades.items():
        (tmp_path / "clinic" / name).mkdir(parents=True)
        for number in range(2):
            Image.new("L", (SIDE, SIDE), shade + number).save(tmp_path / f"clinic/{name}/{number}.png")
    entry = ExternalSettings(
        source="folder", path=str(tmp_path / "clinic"), classes={"a-sick": "PNEUMONIA", "healthy": "NORMAL"}
    )
    data = load_params().data.model_copy(update={"image_px": SIDE, "positive_class": classes[1]})
    found = read_external("b", entry, data, classes, [np.zeros((1, SIDE, SIDE, 1), np.uint8)], tmp_path / "cache")
    named = [classes[label] for label in found.labels]
    assert named == ["PNEUMONIA" if image[0, 0, 0] >= 200 else "NORMAL" for image in np.asarray(found.pixels)]
    assert set(named) == set(classes)


def test_equal_names_need_no_mapping():
    assert classes_of_study(["PNEUMONIA", "a"], {"a": "NORMAL"}, CLASSES, "x") == [1, 0]
