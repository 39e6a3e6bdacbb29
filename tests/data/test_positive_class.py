import numpy as np
import pytest

from transfer_report.data.positive_class import guess_positive, with_positive_last
from transfer_report.data.source import Entries, Entry, Source
from transfer_report.errors import UserError


def source(*classes):
    entries = Entries(
        Entry(f"{label}{number}", label, "p", "train") for label in range(len(classes)) for number in (0, 1)
    )
    return Source(list(classes), entries, lambda _: np.zeros((2, 2), np.uint8))


@pytest.mark.parametrize(
    ("classes", "positive"),
    [
        (("COVID", "Normal"), 0),
        (("abnormal", "normal"), 0),
        (("Parasitized", "Uninfected"), 0),
        (("benign", "malignant"), 1),
        (("benign", "normal"), 0),
        (("malignant", "normal, benign"), 0),
        (("glioma", "no_tumor"), 0),
        (("No Finding", "effusion"), 1),
        (("control", "patient"), 1),
        (("Covid", "Non-Covid"), 0),
        (("normal", "healthy"), None),
        (("cats", "dogs"), None),
        (("0", "1"), None),
    ],
)
def test_the_positive_class_by_usual_names(classes, positive):
    assert guess_positive(classes) == positive


def test_the_positive_class_becomes_the_second():
    turned = with_positive_last(source("COVID", "Normal"), "")
    assert turned.classes == ["Normal", "COVID"]
    assert turned.entries.labels.tolist() == [1, 1, 0, 0]
    assert turned.entries.ids.tolist() == ["00", "01", "10", "11"]
    assert turned.assumed == {}
    assert with_positive_last(turned, "").classes == ["Normal", "COVID"]


def test_the_setting_decides_and_a_guess_is_said():
    assert with_positive_last(source("COVID", "Normal"), "Normal").classes == ["COVID", "Normal"]
    assert with_positive_last(source("cats", "dogs"), "cats").classes == ["dogs", "cats"]
    assert with_positive_last(source("cats", "dogs"), "").assumed == {"positive_class": ["dogs"]}


def test_what_is_no_class_is_refused():
    with pytest.raises(UserError, match="no class 'cat'; did you mean 'cats'"):
        with_positive_last(source("cats", "dogs"), "cat")
    with pytest.raises(UserError, match=r"with 3 classes, .* are means"):
        with_positive_last(source("a", "b", "c"), "a")
    assert with_positive_last(source("a", "b", "normal"), "").classes == ["a", "b", "normal"]
