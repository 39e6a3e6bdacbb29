import matplotlib as mpl

from transfer_report.figures import style
from transfer_report.figures.svg import to_svg


def test_a_figure_is_the_same_each_time_whatever_the_machine_sets():
    drawn = []
    for size in (4, 40):
        mpl.rcParams["font.size"] = size
        figure = style.new_figure(20)
        figure.subplots().plot([1, 2])
        drawn.append(to_svg(figure))
    assert drawn[0] == drawn[1]
    assert "Report Sans" in drawn[0]
    assert "<metadata" not in drawn[0]
