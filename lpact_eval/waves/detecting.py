"""Which survey tool an export comes from, and how many header rows it has, told by its first rows alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from lpact_eval.waves.headers import OPTION_LABELS, has_import_ids
from lpact_eval.waves.presets import PRESETS, PresetName

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Detected:
    """What the header shows.

    Attributes
    ----------
    preset : str
        Empty where no tool is recognised.
    header_rows : int or None
        None where the preset's own number fits.
    """

    preset: PresetName = ""
    header_rows: int | None = None


def detect_layout(head: Sequence[Row], preset: PresetName | None = None) -> Detected:
    """Recognise a survey tool and its header rows.

    Parameters
    ----------
    head : sequence of rows
        The first rows of the file, whitespace folded.
    preset : str, optional
        The survey tool, where it is known.
    """
    tool = _tool(head) if preset is None else preset
    rows = _header_rows(head, tool)
    return Detected(tool, None if rows == PRESETS[tool].header_rows else rows)


def _tool(head: Sequence[Row]) -> PresetName:
    """Recognise the columns that only one tool adds."""
    first = [cell.casefold() for cell in head[0]] if head else []
    names = set(first)
    options = len(head) > 1 and bool(OPTION_LABELS.intersection(head[1]))
    carried = bool(head) and not all(head[0])  # a question's text stands above its first option only
    signs: dict[PresetName, bool] = {
        "qualtrics": any(map(has_import_ids, head)) or {"responseid", "recordeddate"} <= names,
        "surveymonkey": options
        or {"respondent id", "collector id"} <= names
        or (carried and {"respondent id", "start date", "end date"} <= names),
        "ms-forms": first[:3] == ["id", "start time", "completion time"],
        "google-forms": first[:1] == ["timestamp"],
        "snap": {"id.start", "id.end"} <= names or {"id.date", "id.enddate"} <= names,
        "smartsurvey": {"started", "ended"} <= names and bool({"userno", "unique id", "response id"} & names),
        "citizen-space": "response id" in names and bool({"date submitted", "submission date"} & names),
    }
    for tool, seen in signs.items():
        if seen:
            return tool
    return ""


def _header_rows(head: Sequence[Row], tool: PresetName) -> int:
    """Count the header rows."""
    imports = next((place for place, row in enumerate(head, 1) if has_import_ids(row)), 0)
    if tool == "qualtrics":
        return imports or 1
    if tool == "surveymonkey" and len(head) > 1:
        labelled = bool(OPTION_LABELS.intersection(head[1])) or not all(head[0])
        return 2 if labelled or not any(head[1]) else 1
    return PRESETS[tool].header_rows
