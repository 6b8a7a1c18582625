"""The one gate between estimates and readers: rows cleared for reading, with value, interval, bases, mark, note."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import pandas as pd

from lpact_eval.disclosure.arms import clear_balance, clear_overlap
from lpact_eval.disclosure.attending import (
    arms_of,
    clear_dose,
    clear_strength,
    raw_gaps_of_few,
    telling_gaps,
    with_told_flags,
    without_cells,
)
from lpact_eval.disclosure.bases import (
    BASE_COLUMNS,
    hidden_beside,
    in_wholes,
    row_bases,
    too_near,
    weight_bases,
    whole,
)
from lpact_eval.disclosure.clear import ClearedRow, clear_rows
from lpact_eval.disclosure.comparing import clear_composition, clear_selection, in_step, with_one_base
from lpact_eval.disclosure.facts import Facts, facts_from
from lpact_eval.disclosure.following import clear_shifts, clear_slopes
from lpact_eval.disclosure.hiding import hidden_in_release
from lpact_eval.disclosure.rules import Reason, Rules, find_rules
from lpact_eval.disclosure.spread import clear_distributions
from lpact_eval.disclosure.weighing import clear_margins, clear_sensitivity, clear_weights
from lpact_eval.errors import DisclosureError
from lpact_eval.evaluation.columns import ROW_COLUMNS
from lpact_eval.frames import records_of, with_kinds
from lpact_eval.waves.unsure import without_shares

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lpact_eval.disclosure.accounts import PublishedAccounts
    from lpact_eval.disclosure.records import PublishedRecords
    from lpact_eval.disclosure.results_like import ResultsLike
    from lpact_eval.disclosure.suppress import BaseRow
    from lpact_eval.evaluation.accounts import Accounts
    from lpact_eval.evaluation.records import RecordResults
    from lpact_eval.evaluation.run import Results
    from lpact_eval.sample import Wave

PUBLISHED_COLUMNS: Final = (*ROW_COLUMNS, "mark", "tier", "chart", "note")
SILENCES: Final = ("dont_know", "prefer_not", "blank", "not_asked")

Record = dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """Everything that reports may carry; nothing suppressed is in it, nor any respondent's answers.

    Attributes
    ----------
    rows : DataFrame
        The results' rows with "mark" ("", "[c]", "[u]", "[x]"), "tier", "chart" (may be drawn) and "note";
        suppressed numbers are missing.
    indicators, weights, margins, steps, sensitivity, ledger, audit : DataFrame
        The results' frames; small counts are missing, with "mark" where they were. Margins have no counts of
        respondents.
    waves : tuple of Wave
    rules : Rules
    suppressed : mapping of str to int
        Rows suppressed, by reason only.
    facts : Facts
        What the plan says about the survey.
    distributions : DataFrame
        Shares of every answer, with "side", "position" and the columns of `rows`; may be empty.
    benchmarks : DataFrame
        National figures on the same questions, as `read_benchmarks` gives them; may be empty.
    composition, selection : DataFrame
        What stands beside the plan's first changes, as the results give it; may be empty.
    shifts, slopes : DataFrame
        What the changes' answers and all surveys together say, with the columns of `rows`; "favourable" and "over" as
        the results give them. May be empty.
    balance, overlap, strength : DataFrame
        How alike attendees and others are, where their scores lie, and how strong what was not measured would have to
        be; see `clear_balance`, `clear_overlap` and `clear_strength`. May be empty.
    dose : DataFrame
        Answers by number of events attended, with the columns of `rows` and "step" as the results give it. May be
        empty.
    records : PublishedRecords or None
        What readers may see of the records of events; None where the plan asks for none.
    accounts : PublishedAccounts or None
        What the plan promised and how that ended, with registration, strength, methods, checks and logs; None where no
        plan was run.
    """

    rows: pd.DataFrame
    indicators: pd.DataFrame
    weights: pd.DataFrame
    margins: pd.DataFrame
    steps: pd.DataFrame
    sensitivity: pd.DataFrame
    ledger: pd.DataFrame
    audit: pd.DataFrame
    waves: tuple[Wave, ...]
    rules: Rules
    suppressed: Mapping[str, int]
    facts: Facts
    distributions: pd.DataFrame = field(default_factory=pd.DataFrame)
    benchmarks: pd.DataFrame = field(default_factory=pd.DataFrame)
    composition: pd.DataFrame = field(default_factory=pd.DataFrame)
    selection: pd.DataFrame = field(default_factory=pd.DataFrame)
    shifts: pd.DataFrame = field(default_factory=pd.DataFrame)
    slopes: pd.DataFrame = field(default_factory=pd.DataFrame)
    balance: pd.DataFrame = field(default_factory=pd.DataFrame)
    overlap: pd.DataFrame = field(default_factory=pd.DataFrame)
    strength: pd.DataFrame = field(default_factory=pd.DataFrame)
    dose: pd.DataFrame = field(default_factory=pd.DataFrame)
    records: PublishedRecords | None = None
    accounts: PublishedAccounts | None = None

    @property
    def synthetic(self) -> bool:
        """Whether any respondent is made up."""
        return any(wave.synthetic for wave in self.waves)


def publish(results: ResultsLike, *, rules: str | Rules = "uk", earlier: Sequence[str | Path] = ()) -> Published:
    """Clear results for readers: suppress what could identify respondents, withhold what is too uncertain.

    Parameters
    ----------
    results : Results
        What a plan's run found; not changed.
    rules : str or Rules, default "uk"
        Thresholds on unweighted bases.
    earlier : sequence of path, optional
        Folders of releases that readers have, with their results.csv: what they hid stays hidden, and nothing small may
        be had by subtracting one release from the other.

    Returns
    -------
    Published
        The only thing that reports are made of.

    Raises
    ------
    DisclosureError
        If the rows lack a column that the rules need, so that nothing can be cleared; or if a small number can be told
        whatever is hidden, because of what an earlier release has shown.
    WrongUseError
        If the rules are not known, or there is no earlier release in a folder.
    """
    chosen = find_rules(rules)
    _require_columns(results.rows)
    rows, weights = without_cells(_records(results.rows)), _records(results.weights)
    shares = _records(_extra(results, "distributions"))
    bases = [*map(row_bases, rows), *map(weight_bases, weights), *map(row_bases, shares)]
    bases = in_wholes(bases, _extra(results, "nested"))
    beside = _extra(results, "beside")
    elsewhere = hidden_beside(beside, chosen) | too_near(bases, beside, _extra(results, "near"), chosen)
    hidden, margins = hidden_in_release(bases, results.margins, chosen, elsewhere=elsewhere, earlier=earlier)
    deciding = in_step(rows, _component_bases(bases[: len(rows)]))
    arms = arms_of(_extra(results, "arms"))
    raw: dict[int, Reason] = dict.fromkeys(raw_gaps_of_few(rows, arms, chosen), "subtraction")
    cleared = clear_rows(rows, deciding, raw | hidden, chosen, alike=telling_gaps(rows, arms, chosen))
    balance = clear_balance(_extra(results, "balance"), [row.record for row in cleared], chosen)
    cleared = with_told_flags(cleared, balance)
    told, decided = [row.record for row in cleared], list(zip(cleared, deciding, strict=True))
    hidden_weights = {place - len(rows) for place in hidden if len(rows) <= place < len(rows) + len(weights)}
    records = _clear_records(results, chosen)
    first = len(rows) + len(weights)
    hidden_shares: dict[int, Reason] = {place - first: reason for place, reason in hidden.items() if place >= first}
    distributions = clear_distributions(shares, hidden_shares, chosen)
    cleared_margins, hidden_margins = clear_margins(results.margins, bases, hidden, chosen, further=margins)
    published = Published(
        rows=_rows_frame(cleared),
        indicators=_clear_indicators(results.indicators, cleared, records),
        weights=clear_weights(results.weights, weights, hidden_weights),
        margins=cleared_margins,
        steps=results.steps.copy(),
        sensitivity=clear_sensitivity(results.sensitivity, told),
        ledger=_clear_ledger(results.ledger, chosen),
        audit=_clear_audit(results.audit, chosen),
        waves=tuple(results.waves),
        rules=chosen,
        suppressed=_count(
            [
                *(row.reason for row in cleared),
                *(hidden[len(rows) + place] for place in hidden_weights),
                *hidden_margins,
            ]
        ),
        facts=facts_from(results, results.plan),
        distributions=distributions,
        benchmarks=_extra(results, "benchmarks").copy(),
        composition=clear_composition(_extra(results, "composition"), told),
        selection=clear_selection(_extra(results, "selection"), told, chosen),
        shifts=clear_shifts(_extra(results, "shifts"), decided, distributions, chosen),
        slopes=clear_slopes(_extra(results, "slopes"), decided, chosen),
        balance=balance,
        overlap=clear_overlap(_extra(results, "overlap"), told, chosen),
        strength=clear_strength(_extra(results, "strength"), told, balance),
        dose=clear_dose(_extra(results, "dose"), decided, arms, balance=balance, rules=chosen),
        records=records,
    )
    return _with_accounts(results, published)


def _with_accounts(results: ResultsLike, published: Published) -> Published:
    """Add the accounts of the run, where a plan was run."""
    if found := cast("Accounts | None", getattr(results, "accounts", None)):
        from lpact_eval.disclosure.accounts import clear_accounts  # noqa: PLC0415 - one question alone never needs it

        return replace(published, accounts=clear_accounts(found, cast("Results", results), published))
    return published


def _clear_records(results: ResultsLike, rules: Rules) -> PublishedRecords | None:
    """Clear the records of events, where a run has any."""
    if found := cast("RecordResults | None", getattr(results, "records", None)):
        from lpact_eval.disclosure.records import clear_records  # noqa: PLC0415 - surveys alone never need it

        return clear_records(found, rules)
    return None


def _extra(results: ResultsLike, name: str) -> pd.DataFrame:
    """Take a frame that not all results have."""
    found = getattr(results, name, None)
    return found if isinstance(found, pd.DataFrame) else pd.DataFrame()


def _require_columns(rows: pd.DataFrame) -> None:
    """Refuse rows whose bases can't be seen."""
    absent = [name for name in ROW_COLUMNS if name not in rows.columns]
    if absent:
        msg = (
            f"Cannot clear results for publication: their rows lack the columns {absent}. "
            "Run the plan with this version of lpact_eval."
        )
        raise DisclosureError(msg)


def _records(frame: pd.DataFrame) -> list[Record]:
    """Turn a frame into one mapping per row."""
    return records_of(frame)


def _component_bases(bases: Sequence[BaseRow]) -> list[int]:
    """Find the base that decides what may be read; a difference of gaps has that of its smallest arm."""
    gaps = {(row.variable, row.wave, row.by, row.group): row.base for row in bases if row.measure == "gap"}

    def deciding(row: BaseRow) -> int:
        arms = [gaps[key] for part in row.parts if (key := (row.variable, row.wave, row.by, part)) in gaps]
        return min([row.base, *arms]) if row.measure == "gap difference" and row.bases else row.base

    return [deciding(row) for row in bases]


def _rows_frame(cleared: Sequence[ClearedRow]) -> pd.DataFrame:
    """Lay cleared rows out in the order of the results."""
    records = with_one_base([row.record for row in cleared])
    frame = pd.DataFrame(records, columns=list(PUBLISHED_COLUMNS))
    return with_kinds(frame, {**dict.fromkeys((*BASE_COLUMNS, "outcome"), "Int64"), "main": bool, "chart": bool})


def _clear_indicators(
    indicators: pd.DataFrame, cleared: Sequence[ClearedRow], records: PublishedRecords | None
) -> pd.DataFrame:
    """Replace reasons that may speak of a suppressed base."""
    of_records = records.touched if records else frozenset[str]()
    touched = {
        (str(row.record["indicator"]), str(row.record["measure"]).removesuffix(" difference"))
        for row in cleared
        if row.reason is not None
    }
    frame = indicators.copy()
    ends = zip(frame["id"].astype(str), frame["analysis"].astype(str), strict=True)
    mask = (
        np.array([end in touched or end[0] in of_records for end in ends], dtype=bool)
        & (frame["status"] != "result").to_numpy()
    )
    frame.loc[mask, "reason"] = "The base is too small to publish."
    return frame


def _clear_ledger(ledger: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Blank small counts of rows where the ledger is kept by group; counts of all rows tell nothing about anyone."""
    frame = with_kinds(ledger.assign(mark=""), {"rows": "Int64"})
    if "group" in frame.columns:
        small = (frame["rows"] > 0) & (frame["rows"] < rules.suppress_below)
        frame.loc[small, "mark"] = "[c]"
        frame.loc[small, "rows"] = pd.NA
    return frame


def _clear_audit(audit: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Blank small counts of answers and of kinds of silence."""
    names = [name for name in ("answered", *SILENCES) if name in audit.columns]
    records = [_clear_audit_row(row, names, rules.suppress_below) for row in _records(audit)]
    frame = pd.DataFrame(records, columns=[*audit.columns, "mark"])
    return with_kinds(frame, dict.fromkeys(names, "Int64"))


def _clear_audit_row(row: Record, names: Sequence[str], threshold: int) -> Record:
    """Blank a row's small counts, and another where a single one could be had from the number of rows kept."""
    counts = {name: whole(row[name]) or 0 for name in names}
    if not any(0 < count < threshold for count in counts.values()):
        return {**row, **counts, "mark": ""}
    open_to_reading = [name for name in names if name != "not_asked" or counts[name]]
    by_size = sorted(open_to_reading, key=counts.__getitem__)
    small = sum(counts[name] < threshold for name in by_size)
    hidden = {**row, **counts, **dict.fromkeys(by_size[: max(small, 2)]), "mark": "[c]"}
    return hidden | ({"remark": without_shares(str(row["remark"]))} if "remark" in row else {})


def _count(reasons: Sequence[Reason | None]) -> dict[str, int]:
    """Count suppressed rows by reason."""
    return dict(Counter(reason for reason in reasons if reason is not None))
