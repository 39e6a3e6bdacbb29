"""The colours of all figures, and what a page calls them; apart, so that a page can be written without matplotlib.

Colours are told apart by colour-blind readers and in grey, and each goes with a line style or a label of its own.
"""

INK = "#1d2329"
GREY = "#5c6670"
GRID = "#dfe3e6"
PAPER = "#ffffff"
BLUE = "#0b5fa5"
RUST = "#b4501e"

CSS_VARIABLES = {INK: "--ink", GREY: "--grey", GRID: "--grid", PAPER: "--paper", BLUE: "--blue", RUST: "--rust"}
"""What a style sheet calls these colours, so that a page can have a dark side."""
