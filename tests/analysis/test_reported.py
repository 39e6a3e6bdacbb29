import pytest

from transfer_report.analysis.reported import load_reported
from transfer_report.errors import UserError

TEXT = "source: A homework\ntest_images: 400\ntest_accuracy:\n  fine_tuning/resnet50-lr: 0.8125\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "reported.yaml"
    path.write_text(TEXT)
    return path


def test_accuracies_by_condition(file):
    assert load_reported(file, ["fine_tuning/resnet50-lr"]).test_accuracy == {"fine_tuning/resnet50-lr": 0.8125}


def test_a_condition_that_the_study_lacks_is_named_with_the_nearest(file):
    with pytest.raises(
        UserError, match=r"test_accuracy\.fine_tuning/resnet50-lr: .*did you mean 'fine_tuning/resnet50-lrs'"
    ):
        load_reported(file, ["fine_tuning/resnet50-lrs"])
