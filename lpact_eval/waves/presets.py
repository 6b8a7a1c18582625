"""How each survey tool lays out its export; every part can be stated otherwise in wave.toml.

What is known of each layout, and from where:

- MS Forms: the columns `ID, Start time, Completion time, Email, Name` (some exports write `Id`; newer ones add
  `Last modified time`) and month-first times without leading zeros in csv stand in many published exports. Options
  chosen together share a cell and each ends with a semicolon.
- SurveyMonkey: `Respondent ID, Collector ID, Start Date, End Date, IP Address, Email Address, First Name, Last Name,
  Custom Data 1` and two header rows stand in published exports, and so do `RespondentID` and nothing else, the second
  row empty below these columns. The order of dates depends on the account, so it is never assumed.
- Qualtrics: its manual states three header rows (ids, texts, import ids); `StartDate, EndDate, Status, IPAddress,
  Progress, Duration (in seconds), Finished, RecordedDate, ResponseId, RecipientLastName ...` stand in published
  exports, and so do option columns titled "question - Selected Choice - option". Times start with the year.
- Google Forms: `Timestamp` comes first, and options chosen together are joined by ", ". There is no respondent id. The
  order of dates depends on the spreadsheet's place, so it is never assumed.
- Snap: its manual names the three missing values No Reply, Not Asked and Error. The names of its own columns are not
  confirmed; `ID`, `ID.start` and `ID.end` are taken where a file has them.
- SmartSurvey: `UserNo, Name, Email, IP Address, Unique ID` stand in published code that reads its exports, and "-" for
  an unanswered question; day-first dates and a column an option are not confirmed.
- Citizen Space: a unique response id is documented; the columns' names and day-first dates are not confirmed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from lpact_eval.sample import Kind
from lpact_eval.waves.items import Item, Missing

DateOrder = Literal["", "day-first", "month-first", "iso"]
PresetName = Literal[
    "", "smartsurvey", "ms-forms", "surveymonkey", "qualtrics", "google-forms", "snap", "citizen-space"
]


@dataclass(frozen=True, slots=True)
class Preset:
    """Layout of one tool's exports.

    Attributes
    ----------
    header_rows : int
        1: names or question text; 2: question text, then option labels; 3: names, question text, internal ids.
    id, started, time : tuple of str
        Names that the tool gives to the column of respondent ids, of the start and of the completion; the first that a
        file has applies.
    own : tuple of str
        Further columns that the tool adds by itself; in the second header row nothing stands below them.
    personal : tuple of str
        Columns that name or locate a person, beside those that every tool may have.
    separator : str
        What stands between options chosen together in one cell; empty where each option has its own column.
    dates : str
        Order in which the tool writes day and month; empty where that depends on the account.
    missing : mapping of str to str
        Words that the tool writes where there is no answer, and the kind of missing they stand for.
    """

    header_rows: int = 1
    id: tuple[str, ...] = ()
    started: tuple[str, ...] = ()
    time: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    separator: str = ""
    dates: DateOrder = ""
    missing: Mapping[str, Missing] = field(default_factory=dict[str, Missing])


_SNAP_MISSING: Mapping[str, Missing] = {
    "No reply": "blank",
    "No Reply": "blank",
    "Not asked": "not asked",
    "Not Asked": "not asked",
    "Error": "blank",
}

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "": Preset(),
        "smartsurvey": Preset(
            id=("Response ID", "UserID", "UserNo", "Unique ID"),
            started=("Started", "Start date"),
            time=("Ended", "Completed", "End date"),
            own=("Tracking Link", "Data"),
            dates="day-first",
            missing={"-": "blank"},
        ),
        "ms-forms": Preset(
            id=("ID",),
            started=("Start time",),
            time=("Completion time",),
            own=("Last modified time", "Language"),
            personal=("Name", "Email"),
            separator=";",
            dates="month-first",
        ),
        "surveymonkey": Preset(
            header_rows=2,
            id=("Respondent ID", "RespondentID"),
            started=("Start Date", "StartDate", "Date Created"),
            time=("End Date", "EndDate", "Date Modified"),
            own=("Collector ID", "CollectorID", "Custom Data 1"),
            personal=("Custom Data 1", "IP Address", "Email Address", "First Name", "Last Name"),
        ),
        "qualtrics": Preset(
            header_rows=3,
            id=("ResponseId", "ResponseID", "Response ID"),
            started=("StartDate", "Start Date"),
            time=("EndDate", "End Date", "RecordedDate"),
            own=("Status", "Progress", "Duration (in seconds)", "Finished", "DistributionChannel", "UserLanguage"),
            personal=(
                "IPAddress",
                "RecipientLastName",
                "RecipientFirstName",
                "RecipientEmail",
                "LocationLatitude",
                "LocationLongitude",
            ),
        ),
        "google-forms": Preset(
            time=("Timestamp",), own=("Score",), personal=("Username", "Email address"), separator=", "
        ),
        "snap": Preset(
            id=("ID", "Case"),
            started=("ID.start", "ID.date"),
            time=("ID.end", "ID.endDate", "ID.date"),
            missing=_SNAP_MISSING,
        ),
        "citizen-space": Preset(
            id=("Response ID", "Response id", "ANON-ID"),
            started=("Date started", "Started"),
            time=("Date submitted", "Submitted", "Submission date", "Date"),
            dates="day-first",
        ),
    }
)

_PERSONAL = frozenset(
    {
        "e-mail",
        "email",
        "email address",
        "e-mail address",
        "recipientemail",
        "ip",
        "ip address",
        "ipaddress",
        "first name",
        "last name",
        "full name",
        "surname",
        "your name",
        "name",
        "phone",
        "phone number",
        "telephone",
        "telephone number",
        "mobile",
        "mobile number",
        "postcode",
        "post code",
        "your postcode",
        "address",
    }
)  # fmt: skip - one word after another reads better than one a line


def is_personal(header: str, declared: Sequence[str], preset: str) -> bool:
    """Tell whether a delivered column is dropped because it names or locates a person."""
    return is_stated(header, (*declared, *PRESETS[preset].personal)) or header.casefold() in _PERSONAL


def is_stated(header: str, declared: Sequence[str]) -> bool:
    """Tell whether a delivered column is among those declared, whatever their capitals and spaces."""
    return header.casefold() in {" ".join(name.split()).casefold() for name in declared}


def completed(item: Item, kind: Kind, preset: str) -> Item:
    """Add to a set how the preset delivers options chosen together: what divides them, or a column each.

    Parameters
    ----------
    item : Item
        What the crosswalk states always stands.
    kind : str
        Kind of the harmonised variable.
    preset : str
    """
    if not preset or kind != "set" or not item.column or item.separator or item.options:
        return item
    separator = PRESETS[preset].separator
    return replace(item, separator=separator, options="" if separator else "columns")
