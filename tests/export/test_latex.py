"""Tables and macros that LaTeX takes; where there is a LaTeX, it is asked."""

import csv
import shutil
import subprocess

import pytest

from transfer_report.export.latex import latex_text, macro_name, macros
from transfer_report.export.tables import ExportedTable, to_csv, to_latex

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


def table(columns, rows, caption="", widths=(40, 30, 20, 10)):
    aligned = ["text", *["number"] * (len(columns) - 1)]
    return ExportedTable("tab-one", caption, columns, aligned, list(widths[: len(columns)]), rows)


def test_a_table_has_the_rules_of_booktabs_and_the_widths_of_the_report():
    lines = to_latex(table(["A", "B"], [["x", "1.50\n1.00 to 2.00"]], "Caption, 5 %", (75, 25))).splitlines()
    assert lines[1:] == [
        r"\begin{table}",
        r"\centering\scriptsize\setlength{\tabcolsep}{2pt}",
        r"\caption{Caption, 5 \%}",
        r"\label{tab:one}",
        r"\begin{tabular}{",
        r">{\raggedright\arraybackslash}p{\dimexpr 0.7500\linewidth-2\tabcolsep\relax}",
        r">{\raggedleft\arraybackslash}p{\dimexpr 0.2500\linewidth-2\tabcolsep\relax}",
        "}",
        r"\toprule",
        r"A & B \\",
        r"\midrule",
        r"x & 1.50\newline 1.00 to 2.00 \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]


def test_a_ragged_table_is_refused():
    with pytest.raises(ValueError, match="tab:one"):
        to_latex(table(["A", "B"], [["x"]]))


def test_csv_gives_the_cells_back_in_one_line_each():
    assert list(csv.reader(to_csv(table(COLUMNS, ROWS)).splitlines())) == [COLUMNS, *ROWS]
    assert to_csv(table(["A"], [["1.50\n1.00 to 2.00"]])) == "A\n1.50 (1.00 to 2.00)\n"


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
    (tmp_path / "table.tex").write_text(to_latex(table(COLUMNS, ROWS, "Results, 95 % CI")), encoding="utf-8")
    (tmp_path / "numbers.tex").write_text(macros({"accuracy.low": "81.3\u202f%"}), encoding="utf-8")
    paper = r"""\documentclass{article}\usepackage{array,booktabs}\input{numbers}
\begin{document}Accuracy \AccuracyLow; Table~\ref{tab:one}.\input{table}\end{document}"""
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
    assert "Overfull" not in made.stdout
