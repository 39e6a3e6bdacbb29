"""Checks that claims, notes and other texts name conditions that the study has, before any training."""

from transfer_report.analysis.claims.predicates import CLAIMS_FILE, check_names, load_claims
from transfer_report.analysis.reported import REPORTED_FILE, load_reported
from transfer_report.errors import UserError
from transfer_report.models.facts import all_model_facts
from transfer_report.settings import Params
from transfer_report.wording.wording import check_complete


def check_texts(params: Params, conditions: list[str]) -> None:
    """Refuse here what analysis and report would refuse after hours of training.

    Args:
        params: of the study.
        conditions: all of it, by key.

    Raises:
        UserError: naming everything that the study does not have.
    """
    published = [facts.architecture for facts in all_model_facts()]
    unknown = []
    for check in (
        lambda: check_complete(params.report.language),
        lambda: check_names(load_claims(CLAIMS_FILE), conditions, published, list(params.models), CLAIMS_FILE),
        lambda: load_reported(REPORTED_FILE, conditions),
    ):
        try:
            check()
        except UserError as error:
            unknown.append(str(error))
    if unknown:
        raise UserError("\n".join(unknown))
