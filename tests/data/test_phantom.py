from dataclasses import dataclass
from math import exp

import numpy as np
import pytest

from transfer_report.data import phantom_physics as physics
from transfer_report.data.phantom import PHANTOM_CLASSES, Exposure, exposures, physical_parameters, radiograph
from transfer_report.data.phantom_anatomy import draw_patient, draw_pose, project
from transfer_report.data.phantom_shapes import Ellipsoid, Pose, View, hollow_tubes
from transfer_report.settings import PhantomSettings

SETTINGS = PhantomSettings(train=12, test=10, contrast=0.75, photons=20_000.0)


@dataclass(frozen=True)
class SimulatedImages:
    images: np.ndarray
    labels: list[int]
    ids: list[str]
    patients: list[str]


def simulate(settings, seed, split, side_px):
    made = list(exposures(settings, split))
    return SimulatedImages(
        images=np.stack([radiograph(exposure, settings, seed, side_px) for exposure in made]),
        labels=[exposure.label for exposure in made],
        ids=[exposure.id for exposure in made],
        patients=[exposure.patient for exposure in made],
    )


STRAIGHT = Pose(shift_cm=(0.0, 0.0), tilt=0.0, turn=0.0, zoom=1.0)


@pytest.fixture(scope="module")
def train() -> SimulatedImages:
    return simulate(SETTINGS, seed=1, split="train", side_px=32)


def test_a_seed_repeats_its_bytes_and_another_differs(train):
    again = simulate(SETTINGS, seed=1, split="train", side_px=32)
    other = simulate(SETTINGS, seed=2, split="train", side_px=32)
    assert again.images.tobytes() == train.images.tobytes()
    assert other.images.tobytes() != train.images.tobytes()


def test_images_are_square_bytes_with_both_ends_of_the_scale(train):
    assert train.images.shape == (12, 32, 32, 1)
    assert train.images.dtype == np.uint8
    assert all(image.min() < 30 and image.max() > 225 for image in train.images)


def test_classes_are_balanced_and_ids_unique(train):
    assert train.labels == [0, 1] * 6
    assert len(set(train.ids)) == 12


def test_some_patients_have_two_different_images_of_one_class(train):
    by_patient: dict[str, list[int]] = {}
    for row, patient in enumerate(train.patients):
        by_patient.setdefault(patient, []).append(row)
    pairs = [rows for rows in by_patient.values() if len(rows) == 2]
    assert pairs and max(map(len, by_patient.values())) == 2
    for first, second in pairs:
        assert train.labels[first] == train.labels[second]
        assert (train.images[first] != train.images[second]).any()


def test_train_and_test_share_no_patient_and_no_image(train):
    test = simulate(SETTINGS, seed=1, split="test", side_px=32)
    assert not set(test.patients) & set(train.patients)
    assert not {image.tobytes() for image in test.images} & {image.tobytes() for image in train.images}


def test_an_image_does_not_depend_on_how_many_there_are(train):
    alone = radiograph(Exposure.of("train", 7), SETTINGS, 1, 32)
    assert (alone == train.images[7]).all()


def test_anatomy_is_the_same_at_any_resolution():
    fine, coarse = (radiograph(Exposure.of("train", 3), SETTINGS, 1, side).astype(float) for side in (256, 64))
    averaged = fine.reshape(64, 4, 64, 4).mean((1, 3))
    assert np.corrcoef(averaged.ravel(), coarse.ravel())[0, 1] > 0.99


def test_more_contrast_takes_more_of_the_beam_and_only_in_the_lungs():
    view, patient = View.of(STRAIGHT, 64), draw_patient(np.random.default_rng(0), ill=True)
    none, half, full = (project(patient, view, contrast) for contrast in (0.0, 0.5, 1.0))
    assert np.allclose(full - none, 2 * (half - none), atol=1e-5)
    assert (full - none).min() >= 0
    assert 0.01 < ((full - none) > 0.1).mean() < 0.4


def test_contrast_does_not_touch_normal_images():
    strong = SETTINGS.model_copy(update={"contrast": 1.0})
    assert (
        radiograph(Exposure.of("train", 0), SETTINGS, 1, 32) == radiograph(Exposure.of("train", 0), strong, 1, 32)
    ).all()


def test_lungs_are_darker_than_mediastinum_and_abdomen(train):
    normal = train.images[0::2, ..., 0].mean(0)
    right_lung, mediastinum, abdomen = (
        normal[12:17, 9:12].mean(),
        normal[12:17, 15:17].mean(),
        normal[29:31, 8:24].mean(),
    )
    assert right_lung < 0.7 * mediastinum
    assert right_lung < 0.7 * abdomen


def test_brightness_alone_does_not_tell_the_classes_apart():
    many = simulate(SETTINGS.model_copy(update={"train": 120}), 2023, "train", 16)
    brightness = many.images.mean((1, 2, 3))
    labels = np.array(many.labels)
    best = max(((brightness > threshold) == labels).mean() for threshold in brightness)
    assert best < 0.66


def test_fewer_photons_are_noisier():
    rng = np.random.default_rng(0)
    flat = np.full((64, 64), 2.0, np.float32)
    few, many = (physics.detect(flat, photons, 0.25, rng) for photons in (2_000, 200_000))
    assert few.std() == pytest.approx(exp(1.0) / 2_000**0.5, rel=0.1)
    assert many.std() == pytest.approx(exp(1.0) / 200_000**0.5, rel=0.1)


def test_a_ray_through_an_ellipsoid_is_as_long_as_its_axis():
    view = View.of(STRAIGHT, 129)
    length = Ellipsoid((0, 0, 0), (5, 4, 3)).interval(view).length
    assert length[64, 64] == pytest.approx(6)
    assert length.sum() * view.pixel_cm**2 == pytest.approx(4 / 3 * np.pi * 5 * 4 * 3, rel=0.01)


def test_tubes_hold_the_volume_of_their_walls():
    line = np.column_stack([np.linspace(-5, 5, 200), np.zeros(200), np.zeros(200)])
    view = View.of(STRAIGHT, 128)
    path = hollow_tubes(line, np.full(200, 10 / 200), 0.6, 0.2, view)
    assert path.sum() * view.pixel_cm**2 == pytest.approx(10 * np.pi * (0.6**2 - 0.4**2), rel=0.01)


def test_linear_attenuation_of_the_cited_materials():
    assert physics.SOFT_TISSUE.attenuation_per_cm == pytest.approx(0.2171, abs=1e-4)
    assert physics.CORTICAL_BONE.attenuation_per_cm == pytest.approx(0.6044, abs=1e-4)
    assert physics.INFLATED_LUNG.attenuation_per_cm == pytest.approx(0.0534, abs=1e-4)


def test_poses_differ_and_parameters_are_named_with_their_source():
    assert draw_pose(np.random.default_rng(0)) != draw_pose(np.random.default_rng(1))
    assert "NISTIR 5632" in str(physical_parameters()["Source of coefficients"])
    assert PHANTOM_CLASSES == ("normal", "pneumonia")
