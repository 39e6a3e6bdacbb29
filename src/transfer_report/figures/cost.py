"""Accuracy on ImageNet against the cost of one image, for all of torchvision's classification models."""

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from transfer_report.figures.drawing import Drawing
from transfer_report.figures.palette import BLUE, GREY
from transfer_report.figures.style import new_figure
from transfer_report.planning import Model
from transfer_report.records.models import ModelFacts
from transfer_report.wording.wording import Wording

OPERATION_TICKS = (0.1, 0.3, 1, 3, 10, 30, 100, 300)


def cost(facts: list[ModelFacts], models: list[Model], wording: Wording) -> Drawing:
    """Each model as a dot, those of the study named, the line of those that none beats at lower cost."""
    figure = new_figure(66)
    axes = figure.subplots()
    figure.subplots_adjust(left=0.062, right=0.985, top=0.93, bottom=0.155)
    # The published figures are those of ImageNet's weights: of two models with one architecture, the one with these.
    by_weights = sorted(models, key=lambda model: model.weights != "imagenet")[::-1]
    ours = {model.architecture: wording.printer.text(model.name, "model") for model in by_weights}
    front = efficient(facts)
    axes.plot(
        [fact.gflops for fact in front], [fact.top1 for fact in front],
        color=GREY, lw=0.8, ls=(0, (1, 1.5)), drawstyle="steps-post",
    )  # fmt: skip
    others = [fact for fact in facts if fact.architecture not in ours]
    axes.plot(
        [fact.gflops for fact in others], [fact.top1 for fact in others], "o", ms=3.2, mfc="none", mec=GREY, mew=0.7
    )
    for fact in facts:
        if fact.architecture in ours:
            _mark(axes, fact, ours[fact.architecture])
    _scale(axes, facts, wording)
    return Drawing(
        id="cost",
        kind="cost",
        figure=figure,
        alt=_alt(facts, ours, wording),
        columns=[wording.text(f"figures.cost.columns.{name}") for name in ("architecture", "operations", "top1")],
        rows=[
            [
                fact.architecture,
                wording.printer.text(fact.gflops, "decimal"),
                wording.printer.text(fact.top1, "decimal"),
            ]
            for fact in sorted(facts, key=lambda fact: (fact.gflops, fact.architecture))
        ],
        values={"count": len(facts)},
    )


def efficient(facts: list[ModelFacts]) -> list[ModelFacts]:
    """Those that no model with as few operations beats, from cheap to expensive."""
    front: list[ModelFacts] = []
    for fact in sorted(facts, key=lambda fact: (fact.gflops, -fact.top1)):
        if not front or fact.top1 > front[-1].top1:
            front.append(fact)
    return front


def _mark(axes: Axes, fact: ModelFacts, name: str) -> None:
    axes.plot([fact.gflops], [fact.top1], "o", ms=5.5, color=BLUE, zorder=4)
    axes.annotate(
        name,
        (fact.gflops, fact.top1),
        (7, -9),
        textcoords="offset points",
        color=BLUE,
        weight=600,
        fontsize=7.8,
        zorder=5,
    )


def _scale(axes: Axes, facts: list[ModelFacts], wording: Wording) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(OPERATION_TICKS))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlim(min(fact.gflops for fact in facts) * 0.75, max(fact.gflops for fact in facts) * 1.4)
    axes.set_xlabel(wording.text("figures.cost.operations"), labelpad=2)
    axes.set_title(wording.text("figures.cost.top1"), weight=400, fontsize=7.8)
    front = efficient(facts)[-1]
    axes.annotate(
        wording.text("figures.cost.front"), (front.gflops, front.top1), (-6, 1),
        textcoords="offset points", color=GREY, fontsize=7.2, ha="right", va="center",
    )  # fmt: skip


def _alt(facts: list[ModelFacts], ours: dict[str, str], wording: Wording) -> str:
    printer = wording.printer
    lowest, highest = min(facts, key=lambda fact: fact.top1), max(facts, key=lambda fact: fact.top1)
    parts = [
        wording.text(
            "figures.cost.alt",
            count=len(facts),
            lowest=lowest.architecture,
            lowest_top1=printer.text(lowest.top1, "decimal1"),
            highest=highest.architecture,
            highest_top1=printer.text(highest.top1, "decimal1"),
        )
    ]
    parts += [
        wording.text(
            "figures.cost.alt_model",
            model=ours[fact.architecture],
            operations=printer.text(fact.gflops, "decimal"),
            top1=printer.text(fact.top1, "decimal1"),
        )
        for fact in facts
        if fact.architecture in ours
    ]
    return " ".join(parts)
