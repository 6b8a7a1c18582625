"""The page on which the numbers of a sample size are moved: worked out in the page, with a table for those without."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.gap import gap_size
from lpact_eval.planning.plan import require_at_least, require_inside
from lpact_eval.planning.power import detectable_change, power
from lpact_eval.planning.two_waves import df_of_change, second_share
from lpact_eval.reporting.background import day
from lpact_eval.reporting.lint import Exempt
from lpact_eval.reporting.provenance import today
from lpact_eval.reporting.sentences import read_sentences
from lpact_eval.reporting.size_content import people_of
from lpact_eval.reporting.size_note import draft_note, filled, put_in_place, styled
from lpact_eval.reporting.wording import require_plain_page
from lpact_eval.resources import templates_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.planning.plan import Plan
    from lpact_eval.reporting.size_content import SizeNote

PAGE: Final = "size.html"
SIZES: Final = (50, 100, 150, 200, 300, 500, 1000)
LARGEST: Final = 1_000_000
_NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class SizeStart:
    """The numbers that the page starts from, rounded as they may be read.

    Attributes
    ----------
    group : str
        The group that they are about; empty for nobody in particular.
    wave : str
        The survey that has been collected; empty where there is none.
    baseline, change : float
        Share in the first survey and the change to be shown, as proportions.
    first : float
        Effective respondents of the first survey.
    df : float
        Degrees of freedom of its share; infinite for a normal test.
    n : int
        Respondents of the group in the next survey.
    design_effect : float
        Of the next survey.
    attending : float
        Share of its respondents who attended.
    power : float
    synthetic : bool
    """

    group: str = ""
    wave: str = ""
    baseline: float = 0.5
    change: float = 0.15
    first: float = 100
    df: float = math.inf
    n: int = 150
    design_effect: float = 1.25
    attending: float = 0.4
    power: float = 0.8
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """A number that the reader moves: from `low` to `high` by slider, from `least` to `most` by typing."""

    name: str
    label: str
    hint: str
    value: str
    low: str
    high: str
    step: str
    least: str
    most: str
    slider: bool = True


def start_of(note: SizeNote, *, attending: float = 0.4) -> SizeStart:
    """Start from what a note says of its group of interest, rounded as the note rounds it.

    Parameters
    ----------
    note : SizeNote
    attending : float

    Returns
    -------
    SizeStart
    """
    first, asked = note.lines[0].first, note.asked
    return SizeStart(
        group=asked.focus,
        wave=asked.wave,
        baseline=min(max(round(first.baseline, 2), 0.01), 0.99),
        change=round(asked.change, 3),
        first=float(max(round(first.n_effective), 2)),
        df=max(round(first.df, 1), 1.0) if math.isfinite(first.df) else math.inf,
        n=150,
        design_effect=min(max(round(first.design_effect, 2), 1.0), 5.0),
        attending=attending,
        power=asked.power,
        synthetic=asked.synthetic,
    )


def write_size_page(start: SizeStart, folder: str | Path) -> Path:
    """Write the page.

    Parameters
    ----------
    start : SizeStart
    folder : path
        Made if it is not there; an earlier page in it is replaced.

    Returns
    -------
    Path
        size.html.

    Raises
    ------
    WrongUseError
        If a number is out of its range.
    LpactError
        If the page would say what such surveys can't support; an earlier page stays as it was.
    """
    text = size_page(start)
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".size-draft-", dir=target) as made:
        (Path(made) / PAGE).write_text(text, encoding="utf-8")
        return put_in_place(Path(made), target, [PAGE])[0]


def write_size_files(note: SizeNote, folder: str | Path, *, formats: Sequence[str], start: SizeStart) -> list[Path]:
    """Write a note and the page beside it, all of it or nothing.

    Parameters
    ----------
    note : SizeNote
    folder : path
    formats : sequence of str
        Of "html", "docx" and "page".
    start : SizeStart
        What the page starts from.

    Returns
    -------
    list of Path

    Raises
    ------
    WrongUseError
        If matplotlib is missing for the document.
    LpactError
        If they would say what such surveys can't support; earlier files stay as they were.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".size-draft-", dir=target) as made:
        draft = Path(made)
        names = draft_note(note, draft, formats)
        if "page" in formats:
            (draft / PAGE).write_text(size_page(start), encoding="utf-8")
            names.append(PAGE)
        return put_in_place(draft, target, names)


def size_page(start: SizeStart, *, templates: Path | None = None) -> str:
    """Make the page.

    Parameters
    ----------
    start : SizeStart
    templates : Path, optional
        Folder of the report templates; the shipped ones without it.

    Returns
    -------
    str
        HTML that needs no other file; without JavaScript its table stands.
    """
    _require(start)
    folder = templates or templates_folder()
    who = f": {people_of(start.group)}" if start.group else ""
    context = {
        "title": f"Sample size of the next survey{who}",
        "lead": _lead(start),
        "synthetic": read_sentences(folder).say("fixed.synthetic") if start.synthetic else "",
        "inputs": _inputs(start),
        "fixed": _fixed(start),
        "headings": (
            "Respondents",
            f"Chance of showing {_number(100 * start.change)} points",
            "Smallest rise (points)",
            "Smallest fall (points)",
            "Smallest gap, attendees higher (points)",
        ),
        "rows": [_row(start, n) for n in SIZES],
        "date": day(today()),
    }
    page = filled("size.html", folder, context)
    require_plain_page(page, PAGE, Exempt((start.group, start.wave)))
    return styled(page, folder).replace("/*script*/", (folder / "size.js").read_text(encoding="utf-8"), 1)


def _require(start: SizeStart) -> None:
    """Refuse numbers that the page can't start from."""
    second_share(require_inside("baseline", start.baseline, 0, 1), start.change)
    require_inside("power", start.power, 0.05, 1)
    require_inside("attending", start.attending, 0, 1)
    require_at_least("first", start.first, 2)
    require_at_least("design_effect", start.design_effect, 0.5)
    if start.change == 0:
        raise WrongUseError("Cannot start a page from change=0: give a change.")


def _lead(start: SizeStart) -> str:
    """Say where the first numbers come from."""
    if not start.wave:
        return "Before a survey: is the sample going to be enough?"
    return f"Before the next survey: is the sample going to be enough? The numbers start from the {start.wave} survey."


def _inputs(start: SizeStart) -> list[Input]:
    """List the numbers that the reader moves."""
    most = str(LARGEST)
    df = "" if math.isinf(start.df) else _number(start.df)
    typed = (
        ("n", "Respondents in the next survey", "of the group", str(start.n), "10", "1000", "5", "1", most),
        (
            "change",
            "Change, or gap",
            "in points; a fall below 0",
            _number(100 * start.change),
            "-50",
            "50",
            "1",
            "-99",
            "99",
        ),
        ("baseline", "Share in the first survey", "in %", _number(100 * start.baseline), "1", "99", "1", "0.1", "99.9"),
        (
            "first",
            "Effective number in the first survey",
            "of the group",
            _number(start.first),
            "5",
            "500",
            "1",
            "1",
            most,
        ),
        (
            "effect",
            "Design effect of the next survey",
            "1 for no loss",
            _number(start.design_effect),
            "1",
            "5",
            ".05",
            "0.5",
            "20",
        ),
        (
            "attending",
            "Attended",
            "in % of the respondents",
            _number(100 * start.attending),
            "5",
            "95",
            "1",
            "0.1",
            "99.9",
        ),
        ("power", "Chance wanted", "in %; 80 is usual", _number(100 * start.power), "50", "95", "1", "6", "99.9"),
    )
    freedom = Input(
        "df", "Degrees of freedom of the first survey", "empty for many", df, "1", "1", "1", "1", most, slider=False
    )
    return [*(Input(*one) for one in typed), freedom]


def _fixed(start: SizeStart) -> str:
    """Say which numbers the table was made with."""
    freedom = "" if math.isinf(start.df) else f" and {_number(start.df)} degrees of freedom"
    return (
        f"For a share of {_number(100 * start.baseline)}% and {_number(start.first)} effective respondents{freedom} in "
        f"the first survey, a design effect of {_number(start.design_effect)} in the next, of whom "
        f"{_number(100 * start.attending)}% attended; the smallest changes and gaps are shown with "
        f"{_number(100 * start.power)}% power."
    )


def _row(start: SizeStart, n: int) -> tuple[str, ...]:
    """Work out one line of the table."""
    base, effects = n / start.design_effect, (1.0, start.design_effect)
    df = df_of_change((start.first, base), start.df)
    shown = power(
        baseline=start.baseline, change=start.change, n_first=start.first, n_second=n, design_effect=effects, df=df
    )
    smallest = detectable_change(
        baseline=start.baseline, n_first=start.first, n_second=n, power=start.power, design_effect=effects, df=df
    )
    gap = _gap(start, n)
    return (
        f"{n:,}",
        f"{100 * shown.power:.1f}%",
        _points(smallest.change),
        _points(smallest.change_down),
        _NONE if gap is None else _points(gap.change),
    )


def _gap(start: SizeStart, n: int) -> Plan | None:
    """Find the smallest gap; None where too few attended or did not."""
    try:
        return gap_size(
            share=start.baseline, n=n, attending=start.attending, power=start.power, design_effect=start.design_effect
        )
    except WrongUseError:
        return None


def _points(change: float) -> str:
    """Write a change without its unit."""
    return _NONE if math.isnan(change) else f"{abs(100 * change):.1f}"


def _number(value: float) -> str:
    """Write a number without zeros behind it."""
    return f"{round(value, 2):g}"
