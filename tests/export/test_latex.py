"""Tables and macros that LaTeX takes; where there is a LaTeX, it is asked."""

import csv
import shutil
import subprocess

import pytest

from transfer_report.export.latex import latex_text, macro_name, macros
from transfer_report.export.tables import to_csv, to_latex

COLUMNS = ["Condition", "Accuracy (%)", "Learning rate", "Δ"]
ROWS = [
    ["ResNet-50, fine_tuned & more", "81.3", "5\u00a0×\u00a010⁻⁴", "−2.0"],
    ["“LP–FT” {x} ~ ^ \\ #1 $", "95.0\u202f%", "≤ 0.001", "±3 é"],
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("95.0\u202f%", r"95.0\,\%"),
        ("−8.4", r"\ensuremath{-}8.4"),
        ("a_b & c", r"a\_b \& c"),
        ("{\\}", r"\{{\textbackslash}\}"),
        ("plain 1.5", "plain 1.5"),
        ("肺", "肺"),
    ],
)
def test_text_for_latex(text, expected):
    assert latex_text(text) == expected


def test_a_table_has_the_rules_of_booktabs():
    lines = to_latex(["A", "B"], [["x", "1.50"]], "Caption, 5 %", "tab:one").splitlines()
    assert lines == [
        r"\begin{table}",
        r"\centering",
        r"\caption{Caption, 5 \%}",
        r"\label{tab:one}",
        r"\begin{tabular}{lr}",
        r"\toprule",
        r"A & B \\",
        r"\midrule",
        r"x & 1.50 \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]


def test_a_ragged_table_is_refused():
    with pytest.raises(ValueError, match="tab:one"):
        to_latex(["A", "B"], [["x"]], "", "tab:one")


def test_csv_gives_the_cells_back():
    assert list(csv.reader(to_csv(COLUMNS, ROWS).splitlines())) == [COLUMNS, *ROWS]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("estimates.test.fine_tuning/resnet50-lr.accuracy", "EstimatesTestFineTuningResnetFiveZeroLrAccuracy"),
        ("comparisons.2", "ComparisonsTwo"),
    ],
)
def test_macros_have_names_of_letters(address, name):
    assert macro_name(address) == name
    assert name.isalpha()


def test_two_numbers_with_one_name_are_refused():
    with pytest.raises(ValueError, match=r"'a\.b' and 'a_b'"):
        macros({"a.b": "1", "a_b": "2"})
    with pytest.raises(ValueError, match="needs a letter"):
        macro_name("…")


def test_macros_are_sorted():
    assert macros({"b": "2 %", "a": "1"}) == "\\newcommand{\\A}{1}\n\\newcommand{\\B}{2 \\%}\n"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX on this machine")
def test_latex_compiles_tables_and_macros(tmp_path):
    (tmp_path / "table.tex").write_text(to_latex(COLUMNS, ROWS, "Results, 95 % CI", "tab:results"), encoding="utf-8")
    (tmp_path / "numbers.tex").write_text(macros({"accuracy.low": "81.3\u202f%"}), encoding="utf-8")
    paper = r"""\documentclass{article}\usepackage{booktabs}\input{numbers}
\begin{document}Accuracy \AccuracyLow; Table~\ref{tab:results}.\input{table}\end{document}"""
    (tmp_path / "paper.tex").write_text(paper, encoding="utf-8")
    made = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
    )
    assert made.returncode == 0, made.stdout[-2000:]
    assert (tmp_path / "paper.pdf").stat().st_size > 1000
