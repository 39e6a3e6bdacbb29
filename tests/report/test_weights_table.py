from dataclasses import replace

from tests.report.conftest import context

from transfer_report.report.tables.making import weights_table


def test_weights_of_timm_tell_licence_and_input(study):
    first, second = study.weights
    of_timm = first.model_copy(
        update={"name": "timm resnet50.a1_in1k", "licence": "apache-2.0", "trained_px": 224, "mean": [0.485, 0.5, 0.25]}
    )
    of_timm = of_timm.model_copy(update={"architecture": "timm:resnet50"})
    changed = replace(study, weights=[of_timm, second])
    rows = weights_table(changed, context(changed, "markdown").wording).rows
    assert str(rows[0][0]) == "ResNet-50\ntimm:resnet50"
    assert "\n" not in str(rows[1][0])
    assert str(rows[0][1]) == "timm resnet50.a1_in1k"
    lines = str(rows[0][2]).splitlines()
    assert lines[0] == first.origin
    assert lines[1] == "Licence: apache-2.0"
    assert lines[2].startswith("Input: mean 0.485 / 0.500 / 0.250, standard deviation ")
    assert lines[2].endswith("; trained on images of 224 pixels")
    assert rows[1][2] == second.origin
