"""Lines of the tidy csv on what stands beside attendees and others: balance, scores, unmeasured reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.arms import FINE
from lpact_eval.frames import records_of
from lpact_eval.reporting.gap_tables import reading_of, strength_value
from lpact_eval.reporting.numbers import known, rounded
from lpact_eval.reporting.rows import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.rows import Row

Line = dict[str, str]
Key = tuple[str, str, str]
_WITHOUT: Final = (
    *("sample", "unweighted sample", "lower bound", "upper bound", "family", "equivalent", "sample first"),
    *("sample second", "adjusted p", "test", "smallest detectable"),
)
GAP_KIND: Final = "attended minus not attended"
_SPREAD: Final = "standard deviations"
_ARM: Final = {"attended": "attended", "not attended": "did not attend"}


def attendance_lines(published: Published, gaps: Mapping[Key, tuple[Row, Line]]) -> list[Line]:
    """Lay out balance, scores and unmeasured reasons.

    Parameters
    ----------
    published : Published
    gaps : mapping of (indicator, breakdown, group) to (Row, line)
        The gaps that they stand beside, as rows and as lines of the csv.

    Returns
    -------
    list of mapping of str to str
        A line for every number, and one for what is not shown of a group.
    """
    lines: list[Line] = []
    for record in records_of(published.balance):
        _, line = gaps[_key(record)]
        lines += [_balance(record, line, when) for when in ("before", "after")]
    for record in records_of(published.overlap):
        _, line = gaps[_key(record)]
        lines.append(_overlap(record, line))
    for record in records_of(published.strength):
        gap, line = gaps[_key(record)]
        lines.append(_strength(record, line, gap))
    return lines


def _key(record: Mapping[str, object]) -> Key:
    """Name the gap that a record stands beside."""
    return str(record["indicator"]), str(record["by"]), str(record["group"])


def _balance(record: Mapping[str, object], line: Line, when: str) -> Line:
    """Write a difference in an adjuster before weighting, or after it."""
    value = number(record[f"smd_{when}"])
    coarse = when == "before" and number(record["rounded_to"]) > FINE
    detail = ": ".join(part for part in (str(record["covariate"]), str(record["answer"])) if part)
    note = f"rounded to {number(record['rounded_to']):g}" if coarse else ""
    largest = f"largest of the group: {record['largest']}" if record["largest"] and when == "after" else ""
    what = {"statistic": f"balance {when}", "unit": _SPREAD, "detail": detail, "row": str(record["method"])}
    told = "; ".join(part for part in (note, largest) if part)
    return _line(line, f"{value:g}" if known(value) else "", str(record["mark"]), {**what, "note": told})


def _overlap(record: Mapping[str, object], line: Line) -> Line:
    """Write an arm's share by score."""
    value = number(record["share"])
    arm = _ARM.get(str(record["arm"]), "")
    detail = f"{arm}: score {number(record['low']):.1f} to {number(record['high']):.1f}" if arm else ""
    what = {"statistic": "overlap", "unit": "per cent", "detail": detail, "row": "", "note": ""}
    return _line(line, f"{rounded(value, None):g}" if known(value) and arm else "", str(record["mark"]), what)


def _strength(record: Mapping[str, object], line: Line, gap: Row) -> Line:
    """Write how strong an unmeasured reason would have to be."""
    cell, unit = strength_value(record, gap.base)
    value = "" if cell.value is None else f"{cell.value:g}"
    detail = ": ".join(part for part in (str(record["measure"]), str(record["covariate"])) if part)
    what = {"statistic": "strength", "unit": unit if value else "", "detail": detail, "row": str(record["method"])}
    return _line(line, value, str(record["mark"]), {**what, "note": reading_of(record, gap)})


def _line(line: Line, value: str, mark: str, what: Mapping[str, str]) -> Line:
    """Put a number in the place of a gap's own."""
    shorthand = "" if value and mark == "[c]" else mark or ("" if value else "[x]")  # hidden before, but not after
    kind = line["measure"].replace(GAP_KIND, f"{what['statistic']} of attendees and others")
    changed = {"measure": kind, "value": value or shorthand, "shorthand": shorthand, "reported first": "no"}
    return {**line, **dict.fromkeys(_WITHOUT, ""), **changed, **what}
