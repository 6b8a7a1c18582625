"""Those invited against those not (a waiting list): intention to treat, by lot or not, overall and by group."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.comparison.adjusted import moving
from lpact_eval.comparison.arms import ask, roles_of
from lpact_eval.comparison.balance import compared_arms, overlap_table
from lpact_eval.comparison.cells import Cells, adjusted_levels
from lpact_eval.comparison.designs import (
    apart_in,
    bases_of,
    detectable,
    few_units,
    freedom,
    labels_of,
    names_of,
    outcome_words,
    refused_by,
    require_variables,
    rows_of,
    small_cells,
    tested,
    thin_cells,
    titles_of,
    yes_or_no,
)
from lpact_eval.comparison.few_sites import by_respondents, few_sites, mixed
from lpact_eval.comparison.tiers import ASSOCIATION, IMBALANCE, Row
from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.comparison.arms import Question
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.sample import FloatArray, Sample

_ARMS: Final = ("invited", "not invited")
_WHAT: Final = "compare those invited with those not"
_RATES_APART: Final = 0.05  # difference of the shares who answered from which on it is flagged
BY_LOT: Final = "difference by random offer among those who answered (intention to treat)"
WARRANT: Final = {
    True: (
        "Places were drawn by lot, so that before the survey those invited and those not differed by chance alone. The "
        "lot does not choose who answers the survey afterwards: where the two answered at different rates, or for "
        "different reasons, the difference holds that too. The balance table is the check; it sees the adjusters only."
    ),
    False: (
        "Invitations were not drawn by lot: what led to one, and also shapes the answer, stays in the difference "
        "unless it is among the adjusters."
    ),
}
NOT_SHOWN: Final = (
    "It compares being invited with not being invited, whether or not people then went. It does not say how those who "
    "went would have answered otherwise, and is not divided by the share who went: an invitation may change answers "
    "without anybody going."
)


@dataclass(frozen=True, slots=True, eq=False)
class InvitationGap:
    """The difference between those invited and those not, and how far it can be trusted; k estimates.

    Attributes
    ----------
    estimate : Estimate
        All respondents, each domain, and each domain minus the one with most weight; labels variable, answer, the
        invitation ("yes - no") and the domain. Refused rows are missing.
    raw : Estimate
        The same k rows without adjusters.
    levels : Estimate
        Adjusted share or mean of both arms, overall and in each domain.
    test : DataFrame of k rows
        Labels, p_value (missing under 4 degrees of freedom), p_adjusted (Holm over the domains, and the differences).
    bases : DataFrame
        Domain, cell ("invited", "not invited"), n, n_effective.
    balance : DataFrame
        Means and standardised differences of every adjuster between the arms; see `balance.balance_table`.
    overlap : DataFrame
        n, effective n and the largest share of one respondent, per arm and domain.
    response : DataFrame
        arm, assigned, answered, share, where the numbers assigned were given; else empty.
    detectable : ndarray of shape (k,)
        Difference that would show with 80 % power at this standard error; missing where refused.
    flags, refused, wording : tuple of k str
        What a reader has to know; why there is no number; what a row may be called.
    randomised : bool
    estimand, warrant, not_shown : str
        What is estimated in words, what the way of inviting warrants, and what is not shown.
    adjusters : tuple of str
        With the strata of the lot.
    n, left_out : int
        Complete respondents, and those left out because an answer is missing.
    missing : DataFrame
        variable, missing.
    """

    estimate: Estimate
    raw: Estimate
    levels: Estimate
    test: pd.DataFrame
    bases: pd.DataFrame
    balance: pd.DataFrame
    overlap: pd.DataFrame
    response: pd.DataFrame
    detectable: FloatArray
    flags: tuple[str, ...]
    refused: tuple[str, ...]
    wording: tuple[str, ...]
    randomised: bool
    estimand: str
    warrant: str
    not_shown: str
    adjusters: tuple[str, ...]
    n: int
    left_out: int
    missing: pd.DataFrame = field(repr=False)

    def __repr__(self) -> str:
        return f"{self.estimand}\n{self.estimate!r}\n{self.warrant}\n{self.not_shown}"


def invitation_gap(  # noqa: PLR0913 - one question, and how the invitations came about
    sample: Sample,
    variable: str,
    answer: str | Sequence[str] | None = None,
    *,
    invited: str,
    adjust: str | Sequence[str] = (),
    by: str | Sequence[str] = (),
    randomised: bool = False,
    stratum: str | Sequence[str] = (),
    assigned: Mapping[str, int] | None = None,
) -> InvitationGap:
    """Compare those who were invited (or given a place) with those who were not, whether or not they went.

    Parameters
    ----------
    sample : Sample
        Respondents who miss an answer to any variable used are left out and counted.
    variable : str
        Outcome.
    answer : str, sequence of str or None
        The answers that count; by default those that the schema calls positive, or the mean of a numeric outcome.
    invited : str
        Yes/no variable.
    adjust : str or sequence of str, default ()
        Adjusters, chosen before the answers were seen; none that being invited may have changed.
    by : str or sequence of str, default ()
        Domain variables.
    randomised : bool, default False
        Whether a lot decided who was invited.
    stratum : str or sequence of str, default ()
        Variables within whose categories the lot was drawn; always adjusted for.
    assigned : mapping, optional
        {"yes": ..., "no": ...}, how many were invited and not, answered or not: shows whether both answered alike.

    Returns
    -------
    InvitationGap
        Domains with an arm below 10, or with fewer than 5 of the smaller arm for each column of adjusters, are refused
        with a reason. Domains with fewer than 5 recruitment sites have standard errors by respondents.

    Raises
    ------
    WrongUseError
        If a variable is used twice, or the numbers assigned are not those of "yes" and "no".
    EstimationError
        If an adjuster may have been changed, a variable or answer does not exist, the invitation is not yes/no, or
        nobody answered everything.

    Notes
    -----
    Least squares of the outcome on the invitation Z, the adjusters less their weighted mean, and Z x adjusters: the
    coefficient of Z. CR2 with Satterthwaite's degrees of freedom. No instruments: the share who went plays no part.

    References
    ----------
    Lin (2013), *Annals of Applied Statistics* 7, 295-318; Pustejovsky & Tipton (2018), *JBES* 36, 672-683.
    """
    domains, strata = names_of(by), names_of(stratum)
    adjusters = names_of([*strata, *names_of(adjust)])
    require_variables(sample, _WHAT, [variable, invited, *domains], adjust=adjusters, before="being invited")
    require_variables(sample, _WHAT, [variable, invited, *adjusters], adjust=())
    yes_or_no(sample, invited, "as an invitation")
    roles = roles_of(sample, variable, answer, attended=invited, adjust=adjusters, by=())
    question = ask(sample, replace(roles, by=domains))
    response = _response(question, assigned)
    return _gap(question, strata, response, randomised=randomised)


def _response(question: Question, assigned: Mapping[str, int] | None) -> pd.DataFrame:
    """Put those who answered beside those assigned."""
    if assigned is None:
        return pd.DataFrame({"arm": [], "assigned": [], "answered": [], "share": []})
    if set(assigned) != {"yes", "no"}:
        msg = f"Cannot count who answered: assigned names {sorted(assigned)}; it gives the numbers of 'yes' and 'no'."
        raise WrongUseError(msg)
    treated = question.arms.treated
    answered = {"yes": int(treated.sum()), "no": int((~treated).sum())}
    short = [arm for arm, count in assigned.items() if count < answered[arm] or count < 1]
    if short:
        msg = f"Cannot count who answered: more answered than were assigned for {short}. Give how many were assigned."
        raise WrongUseError(msg)
    rows = [(name, assigned[arm], answered[arm]) for name, arm in zip(_ARMS, ("yes", "no"), strict=True)]
    table = pd.DataFrame(rows, columns=["arm", "assigned", "answered"])
    return table.assign(share=table["answered"] / table["assigned"])


def _gap(question: Question, strata: tuple[str, ...], response: pd.DataFrame, *, randomised: bool) -> InvitationGap:
    """Estimate, and judge the answer."""
    column = question.roles.domain_column
    cells = _cells(question)
    rows, few = rows_of(question, cells.sizes()), few_sites(question)
    reasons = small_cells(rows, cells, _ARMS)
    estimate = moving(refused_by(_estimated(question, rows, few), reasons), question.outcome)
    unadjusted = replace(question, roles=replace(question.roles, adjust=()))
    single = [row.name for row in rows if len(row.sides) == 1]
    dead = [reason for row, reason in zip(rows, reasons, strict=True) if len(row.sides) == 1 for _ in _ARMS]
    balance = _renamed(compared_arms(question.arms, question.adjusters, column).frame)
    told = _flags(cells, rows, estimate, balance=balance, few=few)
    told[0] += _general(question, response, randomised=randomised)
    return InvitationGap(
        estimate=estimate,
        raw=moving(refused_by(_estimated(unadjusted, rows, few), reasons), question.outcome),
        levels=refused_by(_levels(question, single, few), dead),
        test=tested(estimate, rows),
        bases=bases_of(cells, single),
        balance=balance,
        overlap=_arms_named(overlap_table(question.arms, column)),
        response=response,
        detectable=detectable(estimate),
        flags=tuple("; ".join(dict.fromkeys(one)) for one in told),
        refused=estimate.refused,
        wording=(BY_LOT if randomised else ASSOCIATION,) * len(rows),
        randomised=randomised,
        estimand=_estimand(question, strata),
        warrant=WARRANT[randomised],
        not_shown=NOT_SHOWN,
        adjusters=question.roles.adjust,
        n=question.rows.size,
        left_out=question.left_out,
        missing=question.missing.drop_duplicates(ignore_index=True),
    )


def _cells(question: Question) -> Cells:
    """Put everybody into one of the two arms, with slopes of their own."""
    return Cells(question, np.where(question.arms.treated, 0, 1).astype(np.intp), _ARMS, shared=False)


def _estimated(question: Question, rows: Sequence[Row], few: Mapping[str, str]) -> Estimate:
    """Estimate the differences, by respondents where a domain has few sites."""
    found = _differences(question, rows)
    return mixed(rows, found, _differences(by_respondents(question), rows), few) if few else found


def _differences(question: Question, rows: Sequence[Row]) -> Estimate:
    """Subtract the level of those not invited from that of those invited."""
    labels = labels_of(question, [row.name for row in rows], {question.roles.attended: ("yes - no",)})
    return adjusted_levels(_cells(question)).rows(rows, (1.0, -1.0), labels)


def _levels(question: Question, domains: Sequence[str], few: Mapping[str, str]) -> Estimate:
    """Estimate the level of each arm of each domain, by respondents where a domain has few sites."""
    labels = labels_of(question, domains, {question.roles.attended: ("yes", "no")})
    found = adjusted_levels(_cells(question)).table(domains, len(_ARMS), labels)
    if not few:
        return found
    alone = adjusted_levels(_cells(by_respondents(question))).table(domains, len(_ARMS), labels)
    return mixed([Row(name, (name,)) for name in domains for _ in _ARMS], found, alone, few)


def _flags(
    cells: Cells, rows: Sequence[Row], estimate: Estimate, *, balance: pd.DataFrame, few: Mapping[str, str]
) -> list[list[str]]:
    """Say what a reader has to know of each row."""
    question, found = cells.question, list[list[str]]()
    for row, df, reason in zip(rows, estimate.df, estimate.refused, strict=True):
        if reason:
            found.append([])
            continue
        told = [*thin_cells(row, cells, _ARMS), *few_units(question, row, few), *freedom(float(df))]
        apart = apart_in(balance, question.roles.domain_column, row.name, IMBALANCE)
        told += [f"those invited and those not differ clearly in {', '.join(apart)}"] if apart else []
        found.append(told)
    return found


def _general(question: Question, response: pd.DataFrame, *, randomised: bool) -> list[str]:
    """Flag what holds for the whole comparison."""
    found: list[str] = []
    if question.left_out:
        found.append(f"{question.left_out_text}: an answer is missing")
    if not question.roles.adjust and not randomised:
        found.append("not adjusted for anything")
    if question.idle:
        found.append(f"the same for everyone and so without effect: {', '.join(question.idle)}")
    if response.empty:
        return [*found, "how many were invited and not was not given: whether both answered alike can't be seen"]
    share = response["share"].to_numpy(dtype=float)
    if abs(float(share[0] - share[1])) >= _RATES_APART:
        found.append("those invited and those not answered the survey at different rates")
    return found


def _estimand(question: Question, strata: tuple[str, ...]) -> str:
    """Say in words what is estimated."""
    roles, sample = question.roles, question.sample
    others = tuple(name for name in roles.adjust if name not in strata)
    alike = f", alike in {titles_of(sample, others)}" if others else ""
    within = f", within {titles_of(sample, strata)}" if strata else ""
    each = f", overall and by {titles_of(sample, roles.by)}" if roles.by else ""
    return (
        f"Difference in {outcome_words(question)} between respondents who were invited and respondents who were not"
        f"{alike}{within}{each}, whether or not they went (intention to treat), averaged over all respondents."
    )


def _renamed(balance: pd.DataFrame) -> pd.DataFrame:
    """Name the arms of a balance table."""
    return balance.rename(columns={"attended": "invited", "not_attended": "not_invited"})


def _arms_named(overlap: pd.DataFrame) -> pd.DataFrame:
    """Name the arms of a table of sizes."""
    return overlap.assign(arm=overlap["arm"].map({"attended": _ARMS[0], "not attended": _ARMS[1]}))
