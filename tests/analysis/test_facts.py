from tests.report.study import conditions, weights

from transfer_report.analysis.facts import missing_weights


def test_conditions_of_models_without_the_requested_weights_are_marked():
    resnet, mobilenet = weights()
    marked = missing_weights(conditions(), [resnet, mobilenet.model_copy(update={"source": "imagenet"})])
    assert marked.pop("missing_weights") == 1
    keys = {condition.key for condition in conditions() if condition.model == "resnet50"}
    assert set(marked) == {f"missing_weights.{key}" for key in keys}


def test_random_weights_that_were_asked_for_are_not_missing():
    assert missing_weights(conditions(), [one.model_copy(update={"requested": "random"}) for one in weights()]) == {
        "missing_weights": 0
    }
