"""The colours of all figures, and what a page calls them; apart, so that a page can be written without matplotlib.

Colours differ for colour-blind readers and in grey, and each goes with a line style or a label of its own.
"""

INK = "#1d2329"
GREY = "#5c6670"
GRID = "#dfe3e6"
PAPER = "#ffffff"
BLUE = "#0b5fa5"
RUST = "#b4501e"

CSS_VARIABLES = {INK: "--ink", GREY: "--grey", GRID: "--grid", PAPER: "--paper", BLUE: "--blue", RUST: "--rust"}
"""Names of these colours in style sheets, for dark pages."""
