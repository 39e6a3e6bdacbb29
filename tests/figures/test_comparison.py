from transfer_report.figures.comparison import comparison, of_test_accuracy


def test_between_the_tasks_comes_first_and_other_metrics_are_left_out(evidence):
    other = evidence.comparisons[0].model_copy(update={"metric": "auroc"})
    drawn = of_test_accuracy([other, *evidence.comparisons])
    assert other not in drawn
    assert drawn[0].treatment.split("/")[0] != drawn[0].reference.split("/")[0]


def test_a_difference_that_is_shown_is_filled(evidence, wording):
    figure = comparison(evidence.comparisons, wording).figure
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    filled = [dot.get_markerfacecolor() == dot.get_markeredgecolor() for dot in dots]
    assert filled == [one.verdict in ("better", "worse") for one in of_test_accuracy(evidence.comparisons)]


def test_the_alternative_text_counts_verdicts(evidence, wording):
    drawn = comparison(evidence.comparisons, wording)
    between = of_test_accuracy(evidence.comparisons)
    decided = sum(one.verdict in ("better", "worse") for one in between)
    assert f"{decided} are shown to differ" in drawn.alt
    assert len(drawn.rows) == len(between) < len(evidence.comparisons)


def test_initial_weights_are_a_family_of_their_own(evidence, wording):
    first, second = evidence.tables[0].baseline, evidence.tables[1].baseline
    pair = evidence.comparisons[0].model_copy(
        update={"family": "pretraining", "treatment": first, "reference": second}
    )  # fmt: skip
    figure = comparison([*evidence.comparisons, pair], wording).figure
    words = [text.get_text() for text in figure.axes[0].texts]
    place = words.index(wording.text("figures.comparison.families.pretraining"))
    assert words[place + 1] == wording.printer.text(first, "setup")


def test_verdicts_on_conditions_with_failed_runs_are_marked(evidence, wording):
    failed = of_test_accuracy(evidence.comparisons)[0].treatment
    drawn = comparison(evidence.comparisons, wording, {failed})
    verdicts = [row[-1] for row in drawn.rows]
    about = [failed in pair for pair in drawn.about]
    assert any(about)
    assert [verdict.endswith("†") for verdict in verdicts] == about
    assert sum(text.get_text().endswith("†") for text in drawn.figure.axes[0].texts) == sum(about)


def test_no_label_reaches_into_the_axes(evidence, wording):
    long = wording.printer.text(evidence.comparisons[0].treatment, "condition") * 2

    class LongNames:
        printer = wording.printer

        @staticmethod
        def text(key, **gaps):
            return wording.text(key, **gaps | ({"context": long} if "context" in gaps else {}))

    axes = comparison(evidence.comparisons, LongNames()).figure.axes[0]
    labels = [text.get_window_extent() for text in axes.texts]
    assert max(one.x1 for one in labels if one.x0 < 1) < axes.get_window_extent().x0
