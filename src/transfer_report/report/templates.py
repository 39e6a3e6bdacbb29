"""The report's templates: where they lie, and how they are filled."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from transfer_report.errors import UserError
from transfer_report.report.context import Context

TEMPLATES = Path("report/templates")


def fill(context: Context, template: str, folder: Path = TEMPLATES, **more: Any) -> str:  # template variables
    """A template filled with the study.

    Raises:
        UserError: the template is missing, is not valid Jinja, or names something that is not there.
    """
    variables = {
        **context.variables(),
        "sections": context.sections(),
        "references": context.citations.references,
        **more,
    }
    return fill_with(variables, template, folder, markup=context.wording.markup)


def fill_with(variables: Mapping[str, Any], template: str, folder: Path = TEMPLATES, *, markup: bool = True) -> str:
    """A template filled with variables, escaped for HTML unless `markup` is off.

    Raises:
        UserError: the template is missing, is not valid Jinja, or names something that is not there.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=markup,  # noqa: S701  # off for Markdown alone, which escapes by itself
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals = dict(variables)  # not only of the template itself, but also of what it includes
    try:
        return environment.get_template(template).render()
    except jinja2.TemplateNotFound as error:
        raise UserError(f"{folder / str(error)}: this template is missing") from None
    except jinja2.TemplateSyntaxError as error:
        raise UserError(f"{folder / (error.name or template)}, line {error.lineno}: {error.message}") from None
    except jinja2.UndefinedError as error:
        raise UserError(f"{folder / template}: {error.message}") from None


def style(folder: Path, *names: str) -> str:
    """Style sheets one after the other."""
    return "\n".join((folder / "style" / f"{name}.css").read_text(encoding="utf-8") for name in names)
