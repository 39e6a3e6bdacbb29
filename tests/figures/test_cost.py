from transfer_report.figures.cost import cost, efficient
from transfer_report.planning import Model


def test_nothing_as_cheap_beats_what_is_efficient(evidence):
    front = efficient(evidence.published)
    for fact in front:
        assert not [one for one in evidence.published if one.gflops <= fact.gflops and one.top1 > fact.top1]
    assert [fact.gflops for fact in front] == sorted(fact.gflops for fact in front)


def test_models_of_the_study_are_named(evidence, wording):
    models = [Model(name="resnet50", architecture="resnet50", weights="imagenet")]
    drawn = cost(evidence.published, models, wording)
    assert "ResNet-50" in [text.get_text() for text in drawn.figure.axes[0].texts]
    assert "ResNet-50 lies at 4.09 billion operations" in drawn.alt


def test_published_figures_are_those_of_imagenets_weights(evidence, wording):
    started = Model(name="mobilenet_v2", architecture="resnet50", weights="random")
    pretrained = Model(name="resnet50", architecture="resnet50", weights="imagenet")
    for models in ([started, pretrained], [pretrained, started]):
        assert "ResNet-50 lies at 4.09 billion operations" in cost(evidence.published, models, wording).alt
