"""Clear one row at a time: what its base allows, its mark and its note."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from lpact_eval.waves.unsure import without_shares

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from lpact_eval.disclosure.rules import Proportions, Reason, Rules, Tier

ESTIMATES: Final = (
    "estimate",
    "std_error",
    "conf_low",
    "conf_high",
    "df",
    "n_effective",
    "design_effect",
    "detectable",
)
TESTS: Final = ("p_value", "p_adjusted", "equivalent")
BASES: Final = ("n", "n_first", "n_second")
MARK: Final[Mapping[Tier, str]] = {
    "suppressed": "[c]",
    "withheld": "[u]",
    "indicative": "[u]",
    "small": "",
    "full": "",
    "refused": "[x]",
}

Record = dict[str, object]
NEAR_END: Final = 0.05  # were only 0 and 1 themselves hidden, a mark in their place would say what they are
_SILENT: Final[Record] = {"flags": "", "refused": ""}


@dataclass(frozen=True, slots=True)
class ClearedRow:
    """A row that may be read.

    Attributes
    ----------
    record : dict
        Column to value, suppressed numbers None.
    tier : str
    reason : str or None
        Why something in it was suppressed for confidentiality.
    """

    record: Record
    tier: Tier
    reason: Reason | None


def clear_rows(
    rows: Sequence[Record],
    bases: Sequence[int],
    hidden: Mapping[int, Reason],
    rules: Rules,
    *,
    alike: Collection[int] = (),
) -> list[ClearedRow]:
    """Clear every row.

    Parameters
    ----------
    rows : sequence of dict
        Rows of the results.
    bases : sequence of int
        The base that decides, row by row.
    hidden : mapping of int to str
        Rows to suppress, and why.
    rules : Rules
    alike : collection of int, optional
        Rows that would tell how everyone in a small arm answered.

    Returns
    -------
    list of ClearedRow
        In the same order.
    """
    telling = _telling_cells(rows, bases, rules)
    cleared: list[ClearedRow] = []
    for place, row in enumerate(rows):
        if place in hidden:
            cleared.append(_suppress(row, hidden[place]))
        elif bases[place] >= rules.withhold_below and (place in alike or telling & _cells(row)):
            # with the share of its group a comparison of arms says at which end: it looks like any other that is hidden
            own = place in alike
            cleared.append(_suppress(row, "same answer") if own else _hide_telling(row, rules))
        else:
            cleared.append(_clear(row, bases[place], rules))
    return cleared if rules.proportions is None else _precise_enough(cleared, rows, rules.proportions)


def _precise_enough(cleared: Sequence[ClearedRow], rows: Sequence[Record], standard: Proportions) -> list[ClearedRow]:
    """Withhold what is not precise enough, and flag what a statistician should look at."""
    from lpact_eval.disclosure.precise import imprecise, looked_at  # noqa: PLC0415 - only some rules ask for it

    reasons = imprecise(rows, standard)
    found: list[ClearedRow] = []
    for place, one in enumerate(cleared):
        if one.tier not in {"indicative", "small", "full"}:
            found.append(one)
        elif place in reasons:
            row = {**_without(one.record, (*ESTIMATES, *TESTS)), "flags": ""}
            found.append(_finish(row, "withheld", f"Withheld: {reasons[place]}."))
        else:
            flags = [str(one.record["flags"] or ""), looked_at(rows[place], standard)]
            found.append(replace(one, record={**one.record, "flags": "; ".join(filter(None, flags))}))
    return found


def _suppress(row: Record, reason: Reason) -> ClearedRow:
    """Take every number and every text that may carry one out of a row."""
    note = "Suppressed to protect confidentiality."
    return _finish({**_without(row, (*ESTIMATES, *TESTS, *BASES)), **_SILENT}, "suppressed", note, reason)


def _hide_telling(row: Record, rules: Rules) -> ClearedRow:
    """Withhold a share that would come near to how everyone in a small group answered; the base stays."""
    note = f"Withheld: too near 0% or 100% for a group of fewer than {rules.uniform_below} respondents."
    return _finish({**_without(row, (*ESTIMATES, *TESTS)), **_SILENT}, "suppressed", note, "same answer")


def _clear(row: Record, base: int, rules: Rules) -> ClearedRow:
    """Keep what the base allows."""
    tier = rules.tier(base)
    if tier != "full":
        row = {**row, "flags": without_shares(str(row["flags"] or ""))}
    refused = str(row["refused"] or "")
    if base == 0:
        return _finish(_without(row, (*ESTIMATES, *TESTS)), "refused", refused or "No respondents in this group.")
    if tier == "withheld":
        note = f"Withheld: fewer than {rules.withhold_below} respondents."
        return _finish({**_without(row, (*ESTIMATES, *TESTS)), "refused": ""}, tier, note)
    if row["measure"] == "change" and row["comparable"] == "none":
        note = refused or "The question or its answers changed, so the two surveys can't be compared."
        return _finish({**_without(row, (*ESTIMATES, *TESTS)), "refused": note}, "refused", note)
    if refused:
        return _finish(_without(row, (*ESTIMATES, *TESTS)), "refused", refused)
    if tier == "indicative":
        note = f"For indication only: fewer than {rules.indicative_below} respondents, no test."
        return _finish(_without(row, TESTS), tier, note)
    small = f"Small base: fewer than {rules.small_below} respondents." if tier == "small" else ""
    return _finish(dict(row), tier, small)


def _finish(record: Record, tier: Tier, note: str, reason: Reason | None = None) -> ClearedRow:
    """Add mark, tier, chart and note."""
    shown = tier in {"small", "full"}
    return ClearedRow({**record, "mark": MARK[tier], "tier": tier, "chart": shown, "note": note}, tier, reason)


def _without(row: Record, names: Sequence[str]) -> Record:
    """Copy a row with these numbers missing."""
    return {**row, **dict.fromkeys(names)}


def _telling_cells(rows: Sequence[Record], bases: Sequence[int], rules: Rules) -> set[tuple[str, ...]]:
    """Find small groups in which everyone, or no one, gave the answer, or nearly so."""
    return {
        cell
        for row, base in zip(rows, bases, strict=True)
        if row["measure"] == "level" and 0 < base < rules.uniform_below and near_end(row["estimate"])
        for cell in _cells(row)
    }


def near_end(share: object) -> bool:
    """Whether a share lies so near to 0 or 1 that hiding it must not tell it from exactly 0 or 1."""
    return isinstance(share, int | float) and (share <= NEAR_END or share >= 1 - NEAR_END)


def _cells(row: Record) -> set[tuple[str, ...]]:
    """Name the shares that a level or a change is made of."""
    wave = str(row["wave"])
    waves = {"level": [wave], "change": wave.split(" - ")}.get(str(row["measure"]), [])
    return {(str(row["variable"]), str(row["answer"]), name, str(row["by"]), str(row["group"])) for name in waves}
