"""Small rules that turn evidence into findings; the wording file says them, one sentence per kind and verdict."""

from transfer_report.analysis.findings.comparison import comparison_findings
from transfer_report.analysis.findings.controls import control_findings
from transfer_report.analysis.findings.size_curves import size_findings
from transfer_report.analysis.findings.summary import summary_findings
from transfer_report.analysis.findings.table import table_findings
from transfer_report.analysis.findings.test_set import test_set_findings
from transfer_report.analysis.lookup import Lookup
from transfer_report.records.analysis import Evidence, Finding


def all_findings(evidence: Evidence) -> list[Finding]:
    """Everything that may be said, in the order of the report."""
    lookup = Lookup(evidence)
    return [
        *summary_findings(lookup),
        *(finding for table in evidence.tables for finding in table_findings(lookup, table)),
        *comparison_findings(lookup),
        *size_findings(lookup),
        *control_findings(lookup),
        *test_set_findings(lookup),
    ]
