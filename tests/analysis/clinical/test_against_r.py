"""Numbers agree with R 4.2.2 and pROC 1.18.0 (Robin et al., BMC Bioinformatics 12:77, 2011) on 18 images.

`pROC::var`, `cov` (DeLong), `coords(…, "best")`, and `glm(family = binomial)` gave what stands here.
"""

import numpy as np
import pytest
from tests.analysis.clinical.samples import of_risks

from transfer_report.analysis.clinical.calibration import calibration_intercept, calibration_slope
from transfer_report.analysis.clinical.curves import auroc_parts, curve_difference
from transfer_report.analysis.clinical.operating_point import operating_point
from transfer_report.analysis.estimates import estimate_of

LABELS = np.repeat([0, 1], [10, 8])
RISKS = [0.05, 0.1, 0.15, 0.2, 0.3, 0.35, 0.4, 0.55, 0.6, 0.8, 0.25, 0.4, 0.5, 0.65, 0.7, 0.85, 0.9, 0.95]
OTHERS = [0.3, 0.05, 0.45, 0.1, 0.2, 0.7, 0.15, 0.5, 0.25, 0.65, 0.35, 0.2, 0.75, 0.55, 0.4, 0.6, 0.95, 0.8]
FIRST, SECOND = of_risks(RISKS, LABELS), of_risks(OTHERS, LABELS, condition="fine_tuning/b")
COVARIANCE = 0.00615327380952


@pytest.mark.parametrize(
    ("one", "area", "variance"), [(FIRST, 0.81875, 0.0104402281746), (SECOND, 0.76875, 0.0133023313492)]
)
def test_areas_have_the_variance_of_proc(one, area, variance):
    found = estimate_of(auroc_parts(one), 0.95)
    assert found.value == pytest.approx(area)
    assert found.standard_error**2 == pytest.approx(variance)


def test_the_difference_of_two_areas_has_the_variance_of_proc():
    found = curve_difference("roc", SECOND, FIRST, 1, 0.95).area
    assert found.value == pytest.approx(0.05)
    assert found.standard_error**2 == pytest.approx(0.0104402281746 + 0.0133023313492 - 2 * COVARIANCE)


def test_the_point_of_youden_is_that_of_proc():
    found = operating_point(FIRST, FIRST, "youden", 1, 0.95)
    assert found.thresholds == pytest.approx([0.625])
    rates = (found.sensitivity, found.specificity, found.ppv, found.npv)
    assert [rate.value for rate in rates] == pytest.approx([0.625, 0.9, 0.833333333333, 0.75])


def test_slope_and_intercept_are_those_of_glm():
    assert calibration_slope(FIRST).value == pytest.approx(1.02274402612)
    assert calibration_intercept(FIRST).value == pytest.approx(-0.224968214433)
