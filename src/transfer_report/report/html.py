"""A document as one HTML file that needs no network and lets nothing else in."""

import json
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from transfer_report.errors import UserError
from transfer_report.fonts import FACES, Face, font_path
from transfer_report.report.contents import report_document
from transfer_report.report.context import Context
from transfer_report.report.document import Document, PlacedFigure
from transfer_report.report.inline_svg import inline_svg
from transfer_report.report.study import Study
from transfer_report.wording.wording import Wording

TEMPLATES = Path("report/templates")
PAGE = "page.html.j2"


def render_html(context: Context, folder: Path = TEMPLATES) -> str:
    """Return the report as one page, with its toolbox and gallery."""
    return html_page(report_document(context), context.wording, folder, context.study)


def html_page(document: Document, wording: Wording, folder: Path = TEMPLATES, study: Study | None = None) -> str:
    """Return the whole page: styles, typefaces, drawings, pictures, data and script inside.

    Its content security policy names its own style and script by hash and allows nothing else. Toolbox and gallery are
    those of the study, where it is one's report.
    """
    css = style(folder, font_data, "common", "screen", *filter(None, [document.look]))
    scripts = ("report", "toolbox", "gallery") if study else ("report",)
    script = "\n".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in scripts)
    files, plain = document.files, wording.plain()

    def inline(figure: PlacedFigure) -> Markup:
        return inline_svg(files[figure.record.file].decode(), figure.id, figure.record.title, figure.record.alt)

    return filled_page(
        document,
        wording,
        folder,
        target="html",
        css=css,
        script=Markup(script),  # noqa: S704  # the project's own files
        policy=content_policy(css, script),
        panels=_panels(document, plain),
        inline=inline,
        study=study,
        print=wording.printer.text,
        gallery=_gallery(study, plain) if study else "",
        address=lambda name: f"data:image/{Path(name).suffix[1:]};base64,{b64encode(files[name]).decode()}",
    )


def filled_page(document: Document, wording: Wording, folder: Path, **more: Any) -> str:  # template variables
    """Return the page template filled with a document.

    Raises:
        UserError: a template is missing, is not valid Jinja, or names something that is not there.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # Not only of the template itself, but also of what it includes and imports.
    environment.globals = {"document": document, "t": wording.text, **more}
    try:
        return environment.get_template(PAGE).render()
    except jinja2.TemplateNotFound as error:
        raise UserError(f"{folder / (error.name or PAGE)}: this template is missing") from None
    except jinja2.TemplateSyntaxError as error:
        raise UserError(f"{folder / (error.name or PAGE)}, line {error.lineno}: {error.message}") from None
    except jinja2.UndefinedError as error:
        raise UserError(f"{folder / PAGE}: {error.message}") from None


def style(folder: Path, address: Callable[[Face], str], *names: str) -> Markup:
    """Return the `@font-face` rules of the report's typefaces, by their addresses, and style sheets."""
    faces = "".join(
        f'@font-face {{ font-family: "{face.family}"; font-weight: {face.weight}; font-style: {face.style}; '
        f'src: url("{address(face)}") }}\n'
        for face in FACES
    )
    sheets = "\n".join((folder / "style" / f"{name}.css").read_text(encoding="utf-8") for name in names)
    return Markup(faces + sheets)  # noqa: S704  # the project's own files


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


def _panels(document: Document, wording: Wording) -> Markup:
    """Return the values of figures for the script."""
    figures = {
        figure.id: {
            "width": figure.record.width_pt,
            "help": wording.text("page.readout_help", title=figure.record.title),
            "step": wording.text("page.readout_step"),
            "panels": [panel.model_dump() for panel in figure.record.panels],
        }
        for figure in document.figures()
        if figure.record.panels
    }
    return embedded_json(figures)


def _gallery(study: Study, wording: Wording) -> Markup:
    """Return the data of the gallery for the script: thumbnails, names, words."""
    if study.figures.gallery is None:
        return embedded_json(None)
    names = {key: wording.printer.text(key, "condition") for key in study.figures.gallery.runs}
    words = ("caption", "label", "cell", "shown", "none")
    gaps = {name: f"[{name}]" for name in ("id", "truth", "predicted", "runs", "condition", "shown", "count")}
    return embedded_json(
        study.figures.gallery.model_dump(exclude={"file"})
        | {"classes": study.data.classes, "names": names}
        | {"words": {word: wording.text(f"gallery.{word}", **gaps) for word in words}}
    )


def embedded_json(data: object) -> Markup:
    """JSON for a `script` element that cannot end it: what could begin or end a tag is written as an escape."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704  # escaped above
