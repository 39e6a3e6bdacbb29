"""Controls without training cost, and which conditions are not shown to beat them."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score
from sklearn.neighbors import KNeighborsClassifier
from tests.analysis.evidence import estimate
from tests.analysis.samples import from_correct

from transfer_report.analysis import controls as module
from transfer_report.analysis.controls import (
    compare_with_controls,
    controls,
    nearest_neighbours,
    unbeaten_controls,
)
from transfer_report.analysis.predictions import Predictions
from transfer_report.records.analysis import ControlComparison, LevelTest

SPLITS = {"train": 150, "val": 60, "test": 90}


@pytest.fixture
def labels(generator):
    return {split: np.concatenate([[0, 1, 2], generator.choice(3, images - 3, p=[0.5, 0.3, 0.2])])
            for split, images in SPLITS.items()}  # fmt: skip


def features(generator, labels, distance):
    centres = generator.normal(0, distance, (3, 8))
    return {split: generator.normal(centres[own]).astype(np.float32) for split, own in labels.items()}


def made(generator, labels, distance=1.0):
    found = controls(
        labels["train"], labels["val"], len(labels["test"]), features(generator, labels, distance),
        {"a": features(generator, labels, distance), "b": features(generator, labels, 0.0)}, 0,
    )  # fmt: skip
    return {one.name: one for one in found}


def test_controls_are_the_majority_class_image_statistics_and_the_neighbours_of_each_model(generator, labels):
    found = made(generator, labels)
    assert list(found) == ["majority_class", "image_statistics", "nearest_neighbours:a", "nearest_neighbours:b"]
    for one in found.values():
        for split in ("val", "test"):
            assert one.probabilities[split].shape == (SPLITS[split], 3)
            assert one.probabilities[split].sum(axis=1) == pytest.approx(1)
    assert found["majority_class"].probabilities["test"] == pytest.approx(
        np.tile(np.bincount(labels["train"]) / SPLITS["train"], (SPLITS["test"], 1))
    )
    accuracies = {
        name: accuracy_score(labels["test"], one.probabilities["test"].argmax(axis=1)) for name, one in found.items()
    }
    assert accuracies["majority_class"] == pytest.approx(np.mean(labels["test"] == 0))
    assert min(accuracies["image_statistics"], accuracies["nearest_neighbours:a"]) > accuracies["majority_class"] + 0.2


def test_neighbours_are_those_of_scikit_learn_by_cosine_and_their_number_is_validated_best(generator, labels):
    own = features(generator, labels, 0.6)
    count, probabilities = nearest_neighbours(own, labels["train"], labels["val"], np.arange(SPLITS["train"]))
    by_count = {
        k: KNeighborsClassifier(k, metric="cosine").fit(own["train"], labels["train"]) for k in module.NEIGHBOURS
    }
    assert probabilities["test"] == pytest.approx(by_count[count].predict_proba(own["test"]))
    scores = {k: by_count[k].score(own["val"], labels["val"]) for k in module.NEIGHBOURS}
    assert count == max(k for k, score in scores.items() if score == max(scores.values()))


def test_of_few_training_images_there_are_fewer_neighbours(generator, labels):
    few = np.arange(4)
    count, probabilities = nearest_neighbours(features(generator, labels, 1.0), labels["train"], labels["val"], few)
    assert count in (1, 3)
    assert probabilities["test"].shape == (SPLITS["test"], 3)


def test_of_many_training_images_some_are_drawn_that_repeat(labels, monkeypatch):
    monkeypatch.setattr(module, "_MOST_IMAGES", 40)
    first, second = (made(np.random.default_rng(5), labels) for _ in range(2))
    assert first["nearest_neighbours:a"].neighbours <= 40
    for name, one in first.items():
        assert np.array_equal(one.probabilities["test"], second[name].probabilities["test"])


def control(right, images):
    """A control that is right on the first images."""
    return from_correct(np.arange(images) < right * images)


def test_a_condition_is_compared_image_by_image_and_its_seeds_vary(generator):
    images = 400
    of_controls = {"majority_class": control(0.5, images), "image_statistics": control(0.7, images)}
    steady = from_correct([np.arange(images) < 0.75 * images] * 3)
    split = from_correct([generator.random(images) < rate for rate in (0.35, 0.7, 0.98)])
    found = compare_with_controls({"steady": steady, "split": split}, of_controls, 0.95)
    verdicts = {(one.condition, one.control): one.verdict for one in found}
    assert verdicts == {
        ("steady", "majority_class"): "better", ("steady", "image_statistics"): "better",
        ("split", "majority_class"): "inconclusive", ("split", "image_statistics"): "inconclusive",
    }  # fmt: skip
    assert {one.difference.scope for one in found} == {"conditions"}
    first = found[0]
    assert first.difference.value == pytest.approx(0.25)
    assert first.p_adjusted >= first.p_value


def test_one_run_is_compared_over_images():
    of_controls = {"majority_class": control(0.5, 100), "image_statistics": control(0.5, 100)}
    found = compare_with_controls({"a": control(0.4, 100)}, of_controls, 0.95)
    assert {(one.difference.scope, one.verdict) for one in found} == {("runs", "worse")}


def test_a_condition_with_the_majoritys_answers_is_not_better():
    labels = np.arange(200) % 2
    shares = np.tile([0.6, 0.4], (3, 200, 1))
    constant = Predictions("a", "test", shares, labels, np.arange(200))
    of_controls = dict.fromkeys(
        ("majority_class", "image_statistics"), Predictions("m", "test", shares[:1], labels, np.arange(200))
    )
    (first, _) = compare_with_controls({"a": constant}, of_controls, 0.95)
    assert (first.difference.value, first.verdict) == (0.0, "inconclusive")


def compared(condition, control, verdict):
    return ControlComparison(
        condition=condition, control=control, difference=estimate(0.1), p_value=0.1, p_adjusted=0.1, verdict=verdict
    )


def test_what_ranks_well_and_decides_badly_is_told_apart_from_what_learned_nothing():
    above = {"ranks": (0.5, 0.7), "weak": (0.5,), "nothing": (), "below": (), "beats": (), "statistics": ()}
    verdicts = {key: ("better" if key in ("beats", "statistics") else "inconclusive") for key in above}
    comparisons = [compared(key, "majority_class", verdict) for key, verdict in verdicts.items()]
    comparisons += [compared(key, "image_statistics", "better" if key == "beats" else "worse") for key in above]
    levels = [
        LevelTest(
            name="auroc", condition=key, level=level, estimate=estimate(0.6), p_value=0.1,
            verdict="above" if level in shown else "below" if key == "below" else "inconclusive",
        )
        for key, shown in above.items()
        for level in (0.5, 0.7)
    ]  # fmt: skip
    assert unbeaten_controls(comparisons, levels) == {
        "ranks": ["ranks"], "weak": ["weak"], "nothing": ["nothing", "below"], "statistics": ["statistics"]
    }  # fmt: skip
