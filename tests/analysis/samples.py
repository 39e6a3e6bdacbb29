"""Predictions with a known accuracy, or drawn from a model with known seeds and images."""

import numpy as np

from transfer_report.analysis.comparisons import uncorrected
from transfer_report.analysis.decisions import Statements, decide
from transfer_report.analysis.predictions import Predictions


def from_correct(correct, labels=None, clusters=None, condition="fine_tuning/a"):
    """Two-class predictions that are right where a table (seeds, images) says so; every second image is positive."""
    correct = np.atleast_2d(np.asarray(correct, dtype=bool))
    labels = np.arange(correct.shape[1]) % 2 if labels is None else np.asarray(labels)
    chosen = np.where(correct, labels, 1 - labels)
    probabilities = np.where(chosen[:, :, None] == np.arange(2), 0.75, 0.25)
    clusters = np.arange(correct.shape[1]) if clusters is None else np.asarray(clusters)
    return Predictions(condition, "test", probabilities, labels, clusters)


def drawn(generator, seeds, images=200, shift=0.0, seed_sd=0.0, ease=None, condition="fine_tuning/a", classes=2):
    """Predictions whose logits for the true class are an ease of the image, an effect of the seed, and noise."""
    labels = np.arange(images) % classes
    ease = generator.normal(1.5, 1.5, images) if ease is None else ease
    effect = generator.normal(0, seed_sd, (seeds, 1))
    logits = generator.logistic(size=(seeds, images, classes))
    logits[:, np.arange(images), labels] += ease + shift + effect
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
    return Predictions(condition, "test", probabilities, labels, np.arange(images))


def compare(reference, treatment, question):
    """Two conditions as the only ones that are compared."""
    return decide(Statements(comparisons=[uncorrected(reference, treatment, question)]), 0.05).comparisons[0]
