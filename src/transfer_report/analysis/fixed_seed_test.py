"""Test of whether these runs differ: seeds are fixed, images vary."""

import numpy as np
from scipy import stats

from transfer_report.analysis.components import Components, Doubles, distinct
from transfer_report.records.analysis import FixedSeedTest, Metric

# Signs are drawn in blocks of about so many numbers, to bound memory.
_BLOCK = 4_000_000


def fixed_seed_test(
    reference: Components, treatment: Components, metric: Metric, resamples: int, seed: int
) -> FixedSeedTest:
    """Exact McNemar test (1947) for the accuracy of one run each on ungrouped images, else a paired permutation test.

    The permutation swaps the two conditions' results of an image (of all images of a cluster together), seeds averaged.
    It is exact in the limit of many resamples for means over images, and first-order for metrics that are none.
    """
    changes = _pseudo_values(treatment) - _pseudo_values(reference)  # (images,)
    single = len(distinct(reference.clusters)) == len(changes)
    if metric == "accuracy" and single and len(reference.values) == len(treatment.values) == 1:
        gained, lost = int((changes > 0.5).sum()), int((changes < -0.5).sum())
        return FixedSeedTest(method="mcnemar", p_value=mcnemar_p(gained, lost))
    by_cluster = np.bincount(reference.clusters, weights=changes).astype(np.float64)
    return FixedSeedTest(method="permutation", p_value=sign_flip_p(by_cluster, resamples, np.random.default_rng(seed)))


def mcnemar_p(gained: int, lost: int) -> float:
    """Two-sided exact p-value that an image that changed was as likely gained as lost."""
    return float(stats.binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0


def sign_flip_p(changes: Doubles, resamples: int, generator: np.random.Generator) -> float:
    """Two-sided p-value that the sum of changes is as likely of either sign, each change by itself.

    The observed signs count as one resample, so that the value is never 0 (Phipson and Smyth 2010).
    """
    moved = changes[np.abs(changes) > 1e-12]  # the sign of an image that did not change makes no difference
    observed = abs(float(moved.sum())) - 1e-9  # sums of the same changes may differ by rounding
    if observed <= 0:
        return 1.0
    extreme, done = 0, 0
    while done < resamples:
        rows = min(resamples - done, max(1, _BLOCK // len(moved)))
        coins = np.frombuffer(generator.bytes(rows * (len(moved) // 8 + 1)), np.uint8).reshape(rows, -1)
        heads = np.unpackbits(coins, axis=1, count=len(moved))  # (rows, changes)
        positive = heads.astype(np.float64) @ moved
        extreme += int((np.abs(2 * positive - moved.sum()) >= observed).sum())
        done += rows
    return (1 + extreme) / (1 + resamples)


def _pseudo_values(parts: Components) -> Doubles:
    """Return each image's part of the metric, seeds averaged: for accuracy, the share of correct runs."""
    return np.asarray((parts.values[:, None] + parts.deviations).mean(axis=0), dtype=np.float64)
