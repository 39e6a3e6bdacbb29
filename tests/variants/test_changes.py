from transfer_report.variants.changes import _differing, _flat


def test_nested_settings_are_told_by_their_dotted_names():
    first = _flat({"scheduler": "none", "lr": 0.1, "augmentation": []})
    second = _flat({"scheduler": {"name": "StepLR", "step_size": 3}, "lr": 0.1, "augmentation": ["rotation", "crop"]})
    assert _differing(first, second) == [
        ("scheduler", "none", None),
        ("augmentation", "none", "rotation, crop"),
        ("scheduler.name", None, "StepLR"),
        ("scheduler.step_size", None, 3),
    ]
