"""Clear the accounts of a run: no decision, size or departure tells more than the rows that readers see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.disclosure.promised import promises
from lpact_eval.evaluation.assurance import Assurance, assurance_statement
from lpact_eval.evaluation.decisions import CANT_TELL
from lpact_eval.evaluation.methods_disclosure import Item, methods_disclosure
from lpact_eval.evaluation.quality import qa_frame
from lpact_eval.evaluation.strength import Strength, evidence_strength
from lpact_eval.frames import keys_of, records_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.disclosure.published import Published
    from lpact_eval.evaluation.accounts import Accounts
    from lpact_eval.evaluation.logs import LogName, Logs
    from lpact_eval.evaluation.registration import Registration
    from lpact_eval.evaluation.run import Results
    from lpact_eval.evaluation.theory import TheoryPlan

NUMBERS: Final[tuple[str, ...]] = ("estimate", "low", "high", "p_adjusted", "detectable", "n")
TOO_FEW: Final = "Too few answered to publish it."
_SURVEY: Final = {"estimate": "estimate", "low": "conf_low", "high": "conf_high"}
_RECORDS: Final = {"estimate": "value", "low": "low", "high": "high", "n": "n"}
_TOLD: Final = ("full", "small", "indicative")
_DECIDED: Final = ("met", "not met", CANT_TELL)

Record = dict[str, object]
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PublishedAccounts:
    """What readers may see of the accounts of a run.

    Attributes
    ----------
    promises : DataFrame
        The plan's indicator table with what it was decided on, "status" and "reason"; every indicator and every
        intended outcome is in it. See `promises`.
    decisions : DataFrame
        Columns of `decision_frame`; where the row that it rests on is hidden it is refused and without numbers.
    sizes : DataFrame
        Columns of `reached`, likewise.
    departures : DataFrame
        Columns of `departures`, without those that would tell of a hidden number.
    registration : Registration
    theory : TheoryPlan or None
    strength : Strength
    methods : tuple of Item
        The eleven items of the disclosure of methods.
    assurance : Assurance
    checks : DataFrame
        what, outcome, found, by.
    logs : Logs
    """

    promises: pd.DataFrame
    decisions: pd.DataFrame
    sizes: pd.DataFrame
    departures: pd.DataFrame
    registration: Registration
    theory: TheoryPlan | None
    strength: Strength
    methods: tuple[Item, ...]
    assurance: Assurance
    checks: pd.DataFrame
    logs: Logs

    def log(self, name: LogName) -> pd.DataFrame:
        """Lay a log out."""
        return self.logs.to_frame(name)

    def about(self, indicators: Sequence[str]) -> PublishedAccounts:
        """Keep what is about these indicators, and all that is about the whole."""
        kept = {
            name: frame[frame["indicator"].isin([*indicators, ""])].reset_index(drop=True)
            for name in ("promises", "decisions", "sizes", "departures")
            if isinstance(frame := getattr(self, name), pd.DataFrame)
        }
        return replace(self, **kept)


def clear_accounts(accounts: Accounts, results: Results, published: Published) -> PublishedAccounts:
    """Clear the accounts of a run for readers.

    Parameters
    ----------
    accounts : Accounts
    results : Results
        What they account for.
    published : Published
        What readers see of it: nothing is told that these rows don't.

    Returns
    -------
    PublishedAccounts
    """
    seen = _Seen.of(published, accounts.decisions)
    decisions = _frame([_decision(row, seen) for row in records_of(accounts.decisions)], accounts.decisions)
    sizes = _frame([_size(row, seen) for row in records_of(accounts.sizes)], accounts.sizes)
    told = _told(published, seen)
    shown = replace(results, weights=published.weights, indicators=told)
    assurance = assurance_statement(shown, accounts.registration, accounts.checks, accounts.logs)
    return PublishedAccounts(
        promises=promises(results.plan, accounts.promised, told, decisions),
        decisions=decisions,
        sizes=sizes,
        departures=_departures(accounts.departures, sizes, told),
        registration=accounts.registration,
        theory=results.plan.theory,
        strength=evidence_strength(results.plan, shown),
        methods=methods_disclosure(results.plan, shown, checks=accounts.checks, limits=assurance.limits),
        assurance=assurance,
        checks=qa_frame(accounts.checks),
        logs=accounts.logs,
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """The rows that readers see, by what they are about, and what became of the rows of every indicator."""

    surveys: Mapping[Key, Record]
    records: Mapping[Key, Record]
    of_surveys: Mapping[Key, set[str]]
    of_records: Mapping[Key, set[str]]

    @classmethod
    def of(cls, published: Published, decisions: pd.DataFrame) -> _Seen:
        """Take the rows reported first of the surveys, and those of the records of events that decisions rest on."""
        main = published.rows[published.rows["main"]]
        surveys = {_key(row, "indicator", "measure", "wave", "by", "group"): row for row in records_of(main)}
        of_surveys = _gathered({key: str(row["tier"]) for key, row in surveys.items()}, 2)
        if published.records is None:
            return cls(surveys, {}, of_surveys, {})
        rows = published.records.rows
        alone = rows[rows["by2"] == ""]
        decided = alone[alone["indicator"].isin(decisions["indicator"].tolist())]
        names = ("indicator", "measure", "unit", "by", "group")
        records = {_key(row, *names): row for row in records_of(decided)}
        tiers = {tuple(about): tier for *about, tier in keys_of(alone, [*names, "tier"])}
        return cls(surveys, records, of_surveys, _gathered(tiers, 1))

    def decided_on(self, decision: Record) -> Record | None:
        """Find the row that a decision rests on; the waves are surveys' alone."""
        found = self.surveys.get(_key(decision, "indicator", "measure", "wave", "by", "group"))
        return found or self.records.get(_key(decision, "indicator", "measure", "unit", "by", "group"))

    def tiers(self, indicator: str, analysis: str) -> set[str]:
        """Gather what became of an indicator's rows; of records, of all of them."""
        return self.of_surveys.get((indicator, analysis)) or self.of_records.get((indicator,), set())


def _gathered(tiers: Mapping[Key, str], names: int) -> dict[Key, set[str]]:
    """Gather the tiers of rows by the first names of what they are about."""
    found: dict[Key, set[str]] = {}
    for key, tier in tiers.items():
        found.setdefault(key[:names], set()).add(tier)
    return found


def _key(row: Record, *names: str) -> Key:
    """Say what a row is about."""
    return tuple(str(row[name]) for name in names)


def _frame(rows: Sequence[Record], given: pd.DataFrame) -> pd.DataFrame:
    """Lay cleared rows out."""
    return pd.DataFrame(rows, columns=list(given.columns))


def _decision(decision: Record, seen: _Seen) -> Record:
    """Clear a decision by the row that it rests on."""
    row = seen.decided_on(decision)
    blank: Record = {**dict.fromkeys(NUMBERS)}
    if row is None:
        decided = decision["status"] in _DECIDED
        return {**decision, **blank, **({"status": "refused", "reason": TOO_FEW} if decided else {}), "caveats": ""}
    names = _SURVEY if "conf_low" in row else _RECORDS
    numbers = {name: row.get(names.get(name, name)) for name in NUMBERS}
    tier, note = str(row["tier"]), str(row["note"])
    found: Record = {**decision, **blank, **numbers, "caveats": row["flags"]}
    if tier in {"suppressed", "withheld"}:
        return {**found, "status": "refused", "reason": note}
    if tier == "refused":
        kept = decision["status"] in {"refused", "not collected"}
        return {**found, "status": decision["status"] if kept else "refused", "reason": note}
    return {**found, "status": CANT_TELL, "reason": note} if tier == "indicative" else found


def _size(size: Record, seen: _Seen) -> Record:
    """Clear a size by the row whose respondents it counts."""
    row = seen.surveys.get(_key(size, "indicator", "measure", "wave", "by", "group"))
    if row is None:
        return {**size, "reached": None}
    if row["tier"] == "suppressed":
        return {**size, "reached": None, "status": "refused", "reason": str(row["note"])}
    return {**size, "reached": row["n"]}


def _told(published: Published, seen: _Seen) -> pd.DataFrame:
    """Say of every analysis how it ended for readers: one of which they see nothing gave them no result."""
    rows = [
        {**row, "status": "refused", "reason": TOO_FEW} if _unseen(row, seen) else row
        for row in records_of(published.indicators)
    ]
    return _frame(rows, published.indicators)


def _unseen(indicator: Record, seen: _Seen) -> bool:
    """Whether an analysis gave a result of which nothing may be read."""
    tiers = seen.tiers(str(indicator["id"]), str(indicator["analysis"]))
    return indicator["status"] == "result" and bool(tiers) and tiers.isdisjoint(_TOLD)


def _departures(departures: pd.DataFrame, sizes: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Leave out sizes that are hidden, and take how analyses ended from what readers see."""
    hidden = {_key(row, "indicator", "wave", "group") for row in records_of(sizes) if row["status"] == "refused"}
    ends = {_key(row, "id", "analysis"): f"{row['status']}: {row['reason']}" for row in records_of(told)}
    kept = [
        {**row, "done": ends.get(_key(row, "indicator", "promised"), "")} if row["kind"] == "indicator" else row
        for row in records_of(departures)
        if row["kind"] != "sample size" or _key(row, "indicator", "wave", "group") not in hidden
    ]
    return _frame(kept, departures)
