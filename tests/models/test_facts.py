from transfer_report.models.facts import all_model_facts, model_facts


def test_facts_are_torchvisions_record():
    facts = model_facts("resnet50")
    assert (facts.top1, facts.top5, facts.parameters) == (76.13, 92.862, 25_557_032)


def test_networks_without_such_weights_are_left_out():
    names = [facts.architecture for facts in all_model_facts()]
    assert "mobilenet_v2" in names
    assert model_facts("vit_h_14") is None
    assert "vit_h_14" not in names
