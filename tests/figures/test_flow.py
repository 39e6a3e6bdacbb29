"""The flow of images: what its boxes say, and when it is drawn."""

from tests.report.study import description

from transfer_report.figures.flow import flow_diagram, shows_flow
from transfer_report.records.data import FlowStep

STEPS = [
    FlowStep(step="read", images=1442, patients=450),
    FlowStep(step="not_drawn", images=1000, patients=None),
    FlowStep(step="duplicates", images=1, patients=None),
]


def texts(drawing):
    return [text.get_text() for axes in drawing.figure.axes for text in axes.texts]


def test_images_and_patients_are_counted_from_above_to_below(wording):
    drawn = flow_diagram(description().model_copy(update={"flow": STEPS, "has_patients": True}), wording)
    assert texts(drawn) == [
        "Read", "1,442 images", "450 patients",
        "Training", "180 images", "180 patients",
        "Validation", "60 images", "60 patients",
        "Test", "200 images", "200 patients",
        "Left out", "1,000 not drawn", "(data.limit_per_class)", "1 identical to an image of a later", "split",
    ]  # fmt: skip
    assert drawn.alt.startswith("Flow diagram. Read: 1,442 images, 450 patients; Training: 180 images, 180 patients; ")
    assert drawn.alt.endswith("1 identical to an image of a later split.")
    assert drawn.rows[0] == ["Read", "1,442", "450"]
    assert drawn.rows[2] == ["Left out: identical to an image of a later split", "1", "–"]
    assert drawn.rows[-1] == ["Test", "200", "200"]


def test_patients_that_are_not_known_are_not_counted(wording):
    drawn = flow_diagram(description().model_copy(update={"flow": STEPS[:1]}), wording)
    assert not any("patient" in text for text in texts(drawn))
    assert "left out" not in drawn.alt


def test_it_is_drawn_where_there_is_something_to_see():
    found = description()
    cases = ((STEPS[:1], False, False), (STEPS[:1], True, True), (STEPS, False, True), ([], True, False))
    for steps, has_patients, shown in cases:
        assert shows_flow(found.model_copy(update={"flow": steps, "has_patients": has_patients})) is shown
