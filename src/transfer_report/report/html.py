"""The report as one HTML file that needs no network and lets nothing else in."""

import json
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from markupsafe import Markup

from transfer_report.fonts import FACES, Face, font_path
from transfer_report.records.figures import FigureRecord
from transfer_report.report.context import Context
from transfer_report.report.inline_svg import inline_svg
from transfer_report.report.templates import TEMPLATES, fill, style

SCRIPTS = ("report", "toolbox", "gallery")


def render_html(context: Context, folder: Path = TEMPLATES) -> str:
    """The whole page: styles, typefaces, drawings, pictures, data and script inside.

    Its content security policy names its own style and script by hash and allows nothing else.
    """
    css = font_faces(font_data) + style(folder, "common", "screen")
    script = "\n".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    policy = content_policy(css, script)
    files = context.study.files

    def inline(figure: FigureRecord) -> Markup:
        return inline_svg(files[figure.file].decode(), f"fig-{figure.id}", figure.title, figure.alt)

    return fill(
        context,
        "page.html.j2",
        folder,
        css=Markup(css),  # noqa: S704  # the project's own files
        script=Markup(script),  # noqa: S704
        policy=policy,
        panels=_panels(context),
        inline=inline,
        gallery=_gallery(context),
        address=lambda name: f"data:image/{Path(name).suffix[1:]};base64,{b64encode(files[name]).decode()}",
    )


def font_faces(address: Callable[[Face], str]) -> str:
    """The `@font-face` rules of the report's typefaces.

    Args:
        address: Where the page finds a typeface.
    """
    return "".join(
        f'@font-face {{ font-family: "{face.family}"; font-weight: {face.weight}; font-style: {face.style}; '
        f'src: url("{address(face)}") }}\n'
        for face in FACES
    )


def content_policy(css: str, script: str) -> str:
    """A content security policy that allows this style, this script, and what is inside the page."""
    return (
        f"default-src 'none'; style-src 'sha256-{_digest(css)}'; script-src 'sha256-{_digest(script)}'; "
        "font-src data:; img-src data:; base-uri 'none'; form-action 'none'"
    )


def font_data(face: Face) -> str:
    """A typeface as an address that holds it."""
    return f"data:font/woff2;base64,{b64encode(font_path(face, 'woff2').read_bytes()).decode()}"


def _digest(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()


def _panels(context: Context) -> Markup:
    """Return the values for the script, as JSON that cannot end its element."""
    plain = context.wording.plain()
    figures = {
        f"fig-{figure.id}": {
            "width": figure.width_pt,
            "help": plain.text("page.readout_help", title=figure.title),
            "step": plain.text("page.readout_step"),
            "panels": [panel.model_dump() for panel in figure.panels],
        }
        for figure in context.study.figures.figures
        if figure.panels
    }
    return embedded_json(figures)


def _gallery(context: Context) -> Markup:
    """Return the data of the gallery for the script: thumbnails, names, words."""
    study, plain = context.study, context.wording.plain()
    if study.figures.gallery is None:
        return embedded_json(None)
    names = {key: plain.printer.text(key, "condition") for key in study.figures.gallery.runs}
    words = ("caption", "label", "cell", "shown", "none")
    gaps = {name: f"[{name}]" for name in ("id", "truth", "predicted", "runs", "condition", "shown", "count")}
    return embedded_json(
        study.figures.gallery.model_dump(exclude={"file"})
        | {"classes": study.data.classes, "names": names}
        | {"words": {word: plain.text(f"gallery.{word}", **gaps) for word in words}}
    )


def embedded_json(data: object) -> Markup:
    """JSON for a `script` element: what could begin or end a tag is written as an escape."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704  # escaped above
