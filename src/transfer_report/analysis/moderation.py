"""Variances over seeds, moderated within a table: three runs say little of a spread, a table's runs together more.

Within a table the spread over seeds is nearly one number (largest ratio 1.4 in 325 real runs), while three runs of
each condition show ratios of two to four by chance. Each condition's variance is drawn towards the table's, which
counts as `PRIOR_DF` degrees of freedom (Smyth, Statistical Applications in Genetics and Molecular Biology 3, 2004,
with a fixed prior). A condition that spreads more than its neighbours by more than chance keeps its own variance, and
they theirs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.special import fdtrc

from transfer_report.analysis.components import Doubles
from transfer_report.analysis.variance import Term

PRIOR_DF = 2.0
"""Weight of the table's variance against a condition's own; a larger prior errs where spreads differ."""
UNEQUAL = 0.1
"""Level of the F test by which a condition spreads more than the rest of its table."""
CLEARLY_UNEQUAL = 0.01
"""The same for plans: one that leaves a condition out by chance is far too hopeful for the others."""


@dataclass(frozen=True)
class SeedSpread:
    """How the mean over the seeds of one condition varies."""

    term: Term
    """Variance of the mean, with its degrees of freedom."""
    table: str
    """Names the conditions that were moderated together; a pair of one table has no more than `table_df`."""
    table_df: float
    planned: Term
    """Variance of one run by all conditions of the table that do not clearly spread more; plans rest on it."""
    own: bool
    """True if the condition spreads significantly more than its table, so that its own variance counts."""


def seed_spreads(table: str, values: Mapping[str, Doubles]) -> dict[str, SeedSpread]:
    """Return the spread of each condition of a table with two runs or more.

    Args:
        table: a name that no other table has.
        values: by condition, a metric of its runs, (seeds,).
    """
    df = {key: len(runs) - 1 for key, runs in values.items() if len(runs) > 1}
    variances = {key: float(values[key].var(ddof=1)) for key in df}
    together = _alike(df, variances, UNEQUAL)
    planned = _alike(df, variances, CLEARLY_UNEQUAL)
    spreads = {}
    for key in df:
        moderated = key in together and len(together) > 1
        weight = PRIOR_DF if moderated else 0.0
        prior = _pooled(df, variances, together).variance if moderated else 0.0
        variance = (weight * prior + df[key] * variances[key]) / (weight + df[key])
        spreads[key] = SeedSpread(
            term=Term(variance / len(values[key]), weight + df[key]),
            table=table if moderated else f"{table}/{key}",
            table_df=float(sum(df[one] for one in together) if moderated else df[key]),
            planned=_pooled(df, variances, planned if key in planned else [key]),
            own=key not in together,
        )
    return spreads


def _alike(df: Mapping[str, int], variances: Mapping[str, float], level: float) -> list[str]:
    """Return the conditions left when the widest is taken out as long as it spreads more than the rest by an F test."""
    together = list(df)
    while len(together) > 1:
        widest = max(together, key=lambda key: variances[key])
        rest = [key for key in together if key != widest]
        others = _pooled(df, variances, rest)
        if variances[widest] == 0 or (
            others.variance > 0 and fdtrc(df[widest], others.df, variances[widest] / others.variance) >= level
        ):
            break
        together = rest
    return together


def _pooled(df: Mapping[str, int], variances: Mapping[str, float], keys: Sequence[str]) -> Term:
    total = sum(df[key] for key in keys)
    return Term(sum(df[key] * variances[key] for key in keys) / total, float(total))


def of_a_pair(first: SeedSpread, second: SeedSpread) -> Term:
    """Variance over seeds of a difference of two means; its degrees of freedom are no more than the runs have."""
    variance = first.term.variance + second.term.variance
    squares = sum(one.term.variance**2 / one.term.df for one in (first, second))
    df = variance**2 / squares if squares > 0 else first.term.df + second.term.df
    limit = first.table_df if first.table == second.table else first.table_df + second.table_df
    return Term(variance, min(df, limit))
