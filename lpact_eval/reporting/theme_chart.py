"""What was raised: each theme's share of forms over all, and beside it by community as a table of shaded cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.chart import ChartSpec, Panel
from lpact_eval.reporting.headline import joined
from lpact_eval.reporting.numbers import count, known, percent, percent_range
from lpact_eval.reporting.record_rows import group_name
from lpact_eval.reporting.record_setting import alternative
from lpact_eval.reporting.tables import MISSING, NOT_APPLICABLE, Cell, Column, Table
from lpact_eval.reporting.theme_drawing import matrix_drawing, overall_drawing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.reporting.record_rows import RecordRow, RecordRows
    from lpact_eval.reporting.record_setting import Setting

FORMS: Final = "forms that raise the theme"
ROOM: Final = "events where the room raised the theme"
MOST_THEMES: Final = 10
MOST_COLUMNS: Final = 5
_LAST: Final = ("several", "other", "not known")
_TENTATIVE: Final = "tentative"


@dataclass(frozen=True, slots=True)
class Share:
    """A cell: a share with its words, or the mark that stands for it.

    Attributes
    ----------
    text, mark : str
        The number as printed, and the shorthand beside it or in its place.
    value, low, high : float or None
    interval : str
        Its ends as printed; empty without one.
    drawn : bool
        Whether the rules allow to draw it.
    words : str
        Everything about it.
    """

    text: str
    mark: str
    words: str
    drawn: bool = False
    value: float | None = None
    low: float | None = None
    high: float | None = None
    interval: str = ""

    @property
    def printed(self) -> str:
        """The number with its mark, or the mark alone."""
        return " ".join(part for part in (self.text, self.mark) if part)


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme: its share over all and by community."""

    title: str
    tentative: bool
    overall: Share
    cells: Mapping[str, Share]

    @property
    def name(self) -> str:
        """Its title, and whether it is tentative."""
        return f"{self.title} ({_TENTATIVE})" if self.tentative else self.title


@dataclass(frozen=True, slots=True)
class Raised:
    """What was raised.

    Attributes
    ----------
    themes : tuple of Theme
        The most raised first; those without a share last, as they came.
    communities : mapping of str to int or None
        Those with anything to show, and how many forms or events are theirs.
    hidden : tuple of str
        Communities of which nothing may be shown.
    base : int
        Forms, or events, over all.
    of_forms : bool
    """

    themes: tuple[Theme, ...]
    communities: Mapping[str, int | None]
    hidden: tuple[str, ...]
    base: int
    of_forms: bool

    @property
    def top(self) -> list[Theme]:
        """Themes that are drawn."""
        return [theme for theme in self.themes if theme.overall.drawn][:MOST_THEMES]

    @property
    def beside(self) -> list[str]:
        """Communities that are drawn beside each other: those with a number for any of these themes."""
        return [name for name in self.communities if any(_numbered(theme.cells.get(name)) for theme in self.top)]

    @property
    def cells(self) -> list[Share]:
        """Cells of these themes and communities."""
        found = [theme.cells.get(name) for theme in self.top for name in self.beside]
        return [cell for cell in found if cell is not None]

    @property
    def unit(self) -> str:
        """What a base counts."""
        return "forms" if self.of_forms else "events"

    def column(self, name: str) -> str:
        """Name a community with its base."""
        n = self.communities[name]
        return f"{name} ({count(n)})" if n is not None else name


def theme_chart(rows: RecordRows, setting: Setting) -> ChartSpec | None:
    """Draw what was raised, over all and by community.

    Parameters
    ----------
    rows : RecordRows
    setting : Setting

    Returns
    -------
    ChartSpec or None
        None where no share may be drawn. Forms, or the room where no forms are on record.
    """
    raised = raised_themes(rows, FORMS) or raised_themes(rows, ROOM)
    if raised is None:
        return None
    title = theme_title(raised)
    subtitle = _subtitle(raised, setting)
    notes = _notes(raised, setting)
    words = alternative(title, subtitle, _told(raised), notes)
    panels = _panels(raised)
    return ChartSpec(
        "themes-by-community", "themes", title, subtitle, words, panels, notes=notes, table=theme_table(raised)
    )


def raised_themes(rows: RecordRows, measure: str) -> Raised | None:
    """Read the shares of one measure; None where none of them may be drawn.

    Parameters
    ----------
    rows : RecordRows
    measure : str
        `FORMS` or `ROOM`.

    Returns
    -------
    Raised or None
    """
    mine = rows.where(lambda row: row.measure == measure and row.by == "theme")
    overall = {row.group: row for row in mine if row.by2 in {"", "workstream"}}
    if not any(_share(row).drawn for row in overall.values()):
        return None
    beside = [row for row in mine if row.by2 == "community"]
    themes = [_theme(title, row, beside) for title, row in overall.items()]
    themes.sort(key=lambda theme: -(theme.overall.value or 0.0) if theme.overall.drawn else 1.0)
    names = sorted({row.group2 for row in beside}, key=lambda name: (name.casefold() in _LAST, name.casefold()))
    shown = [name for name in names if any(row.group2 == name and row.mark != "[c]" for row in beside)]
    communities = {group_name(name): _base([row for row in beside if row.group2 == name]) for name in shown}
    hidden = tuple(group_name(name) for name in names if name not in shown)
    return Raised(tuple(themes), communities, hidden, _base(list(overall.values())) or 0, measure == FORMS)


def theme_title(raised: Raised) -> str:
    """Name the theme that was raised most often, or those that share the place."""
    first = raised.top[0].overall
    leading = [theme for theme in raised.top if theme.overall.value == first.value]
    names = joined([theme.name for theme in leading])
    were = "was" if len(leading) == 1 else "were each"
    where = (
        f"on {first.text} of {count(raised.base)} forms" if raised.of_forms else f"in the room at {first.text} events"
    )
    whole = len(raised.themes) == sum(theme.overall.drawn for theme in raised.themes)
    head = f"{names} {were} raised most often, {where}"
    return head if whole else f"Among the themes that may be shown, {names} {were} raised most often, {where}"


def theme_table(raised: Raised) -> Table:
    """Lay out every theme, over all and by community; drawn or not."""
    unit = "per cent" if raised.of_forms else raised.unit
    columns = (
        Column("Theme"),
        Column("All communities", "number", unit),
        *((Column("95% interval", "interval", unit),) if raised.of_forms else ()),
        *(Column(raised.column(name), "number", unit) for name in raised.communities),
    )
    rows = tuple(
        (
            Cell(theme.name),
            _cell(theme.overall),
            *((_range(theme.overall),) if raised.of_forms else ()),
            *(_cell(theme.cells.get(name)) for name in raised.communities),
        )
        for theme in raised.themes
    )
    return Table("Chart_themes", f"Share of {raised.unit} that raise each theme, by community", columns, rows)


def _theme(title: str, row: RecordRow, beside: Sequence[RecordRow]) -> Theme:
    """Gather a theme's shares."""
    cells = {group_name(one.group2): _share(one, group_name(one.group2)) for one in beside if one.group == title}
    return Theme(title, _TENTATIVE in row.flags, _share(row), cells)


def _share(row: RecordRow, who: str = "All communities") -> Share:
    """Read a share, or how many events of all."""
    if not row.shown:
        mark = row.mark or MISSING
        return Share("", mark, f"{who}, {row.group}: {mark}")
    n, of_forms = row.whole_base, row.unit == "share"
    text = percent(row.value, n) if of_forms else f"{count(row.value)} of {count(n)}"
    value = row.value if of_forms else row.value / n if n else 0.0
    whole = known(row.low) and known(row.high)
    interval = percent_range(row.low, row.high, n) if whole else ""
    words = f"{who}, {row.group}: {' '.join(part for part in (text, row.mark) if part)}"
    words += f" (95% interval {interval}), {count(n)} forms" if whole else ""
    ends = (row.low, row.high) if whole else (None, None)
    return Share(text, row.mark, words, row.chart, value, *ends, interval)


def _base(rows: Sequence[RecordRow]) -> int | None:
    """Find how many forms or events the shares are of."""
    return next((row.whole_base for row in rows if row.whole_base is not None), None)


def _panels(raised: Raised) -> tuple[Panel, ...]:
    """Draw all communities together, then apart, a few beside each other."""
    names = [theme.name for theme in raised.top]
    over = [theme.overall for theme in raised.top]
    heading = f"All communities ({count(raised.base)} {raised.unit})"
    panels = [Panel(heading, "drawn", (), (), drawing=overall_drawing(names, over))]
    columns = raised.beside
    parts = -(-len(columns) // MOST_COLUMNS) if columns else 0
    each = -(-len(columns) // parts) if parts else 1
    for first in range(0, len(columns), each):
        some = columns[first : first + each]
        cells = [[theme.cells.get(name) for name in some] for theme in raised.top]
        drawing = matrix_drawing(names, [raised.column(name) for name in some], cells)
        part = f", part {first // each + 1} of {parts}" if parts > 1 else ""
        panels.append(Panel(f"By focus community ({raised.unit}){part}", "drawn", (), (), drawing=drawing))
    return tuple(panels)


def _subtitle(raised: Raised, setting: Setting) -> str:
    """Say what is measured, where and when."""
    what = (
        "Share of feedback forms that raise each theme"
        if raised.of_forms
        else "Events where the room raised each theme"
    )
    apart = ", and by focus community" if raised.beside else ""
    interval = ", with 95% intervals" if raised.of_forms else ""
    return f"{what}, over all{interval}{apart}{setting.place}"


def _notes(raised: Raised, setting: Setting) -> tuple[str, ...]:
    """Explain cells, what is tentative, and what is not drawn."""
    notes: list[str] = []
    shaded = [cell.drawn for cell in raised.cells]
    notes += ["Darker cells: larger shares."] if any(shaded) else []
    notes += ["Grey cells: nothing may be shown, or of too small a base to be drawn."] if not all(shaded) else []
    if any(theme.tentative for theme in raised.top):
        notes.append("Tentative: coders agree only in part.")
    rest = len(raised.themes) - len(raised.top)
    if rest:
        notes.append(f"{rest} more theme{'' if rest == 1 else 's'} in the table.")
    few = [raised.column(name) for name in raised.communities if name not in raised.beside]
    if few:
        notes.append(f"No share of these communities is shown here; marks in the table say why: {joined(few)}.")
    if raised.hidden:
        notes.append(f"Nothing of these communities may be shown [c]: {joined(raised.hidden)}.")
    printed = [theme.overall.printed for theme in raised.themes]
    printed += [_printed(theme.cells.get(name)) for theme in raised.themes for name in raised.communities]
    return (*notes, *setting.notes(printed))


def _told(raised: Raised) -> list[str]:
    """Say every number that is drawn."""
    found: list[str] = []
    for theme in raised.top:
        over = theme.overall
        span = f" (95% interval {over.interval})" if over.interval else ""
        parts = [f"{raised.column(name)} {_printed(theme.cells.get(name))}" for name in raised.beside]
        found.append(f"{theme.name}: {over.printed}{span}{'; ' if parts else ''}{', '.join(parts)}.")
    return found


def _numbered(cell: Share | None) -> bool:
    """Say whether a cell has a number."""
    return cell is not None and bool(cell.text)


def _printed(cell: Share | None) -> str:
    """Write a cell; one that was not worked out has the mark for that."""
    return MISSING if cell is None else cell.printed


def _cell(share: Share | None) -> Cell:
    """Write a share for a table."""
    if share is None or share.value is None:
        return Cell(_printed(share))
    text = share.text
    if text.endswith("%"):
        return Cell(share.printed, float(text.rstrip("%")), decimals=_places(text))
    return Cell(share.printed, float(text.partition(" ")[0].replace(",", "")))


def _range(share: Share) -> Cell:
    """Write the interval of a share over all."""
    if share.value is None:
        return Cell(share.mark)
    if not share.interval:
        return Cell(NOT_APPLICABLE)
    low, high = (float(end.rstrip("%")) for end in share.interval.split(" to "))
    return Cell(share.interval, low, high, _places(share.interval))


def _places(text: str) -> int:
    """Count the decimals of the first number of a text."""
    return len(text.partition("%")[0].partition(".")[2])
