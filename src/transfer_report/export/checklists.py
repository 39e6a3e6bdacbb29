"""A filled reporting checklist as Markdown."""

from transfer_report.analysis.checklists import FilledChecklist, FilledItem
from transfer_report.report.checklists import answer_text, counts_text
from transfer_report.report.markdown import escaped
from transfer_report.wording.wording import Wording


def checklist_text(checklist: FilledChecklist, wording: Wording) -> str:
    """Return a filled checklist as Markdown: a table of items, by part of a paper."""
    lines = [f"# {checklist.name}", "", f"{checklist.title}. {checklist.citation}. doi:{checklist.doi}", ""]
    lines += [wording.text("checklists.intro", counts=counts_text(checklist, wording)), ""]
    for part in dict.fromkeys(item.part for item in checklist.items):
        heads = [wording.text(f"tables.checklist.columns.{name}") for name in ("number", "item", "status", "answer")]
        lines += [f"## {part}", "", f"| {' | '.join(heads)} |", "| --- | --- | --- | --- |"]
        lines += [_row(item, wording) for item in checklist.items if item.part == part]
        lines.append("")
    return "\n".join(lines)


def _row(item: FilledItem, wording: Wording) -> str:
    cells = [item.number, item.text, wording.text(f"checklists.status.{item.status}"), answer_text(item, wording)]
    return f"| {' | '.join(escaped(cell).replace(chr(10), ' ') for cell in cells)} |"
