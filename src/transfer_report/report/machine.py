"""The report for programs: every value by its address, sentences, claims and the data of the figures, as one JSON."""

import json

from transfer_report.report.context import Context
from transfer_report.report.passages import bullets, findings


def render_json(context: Context) -> str:
    """Return the report in machine-readable form; `values` holds what each `data-source` of the page points to.

    Args:
        context: That of the target `markdown`, so that sentences are plain text.
    """
    study = context.study
    sections = dict.fromkeys(finding.section for finding in study.analysis.findings)
    content = {
        "title": study.settings.title,
        "answers": [bullet._asdict() for bullet in bullets(study, context.wording)],
        "provenance": study.provenance.model_dump(),
        "sentences": {section: findings(study, context.wording, section) for section in sections},
        "claims": [claim.model_dump() for claim in study.analysis.claims],
        "figures": {
            figure.id: {"alt": figure.alt, "columns": figure.columns, "rows": figure.rows, "inputs": figure.inputs}
            for figure in study.figures.figures
        },
        "values": study.records.leaves,
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
