"""Tables of the second intended outcome: what was raised and by whom, how far coders agree, what is still unheard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.record_cells import value_cell
from lpact_eval.reporting.record_rows import group_name
from lpact_eval.reporting.record_tables import Figure, Heads, amounts, pairs, single, tally, wide
from lpact_eval.reporting.tables import NOT_APPLICABLE, Cell, Column, Table

if TYPE_CHECKING:
    from lpact_eval.reporting.record_rows import Key, RecordRows

_THEMES: Final = (
    Figure("forms that raise the theme", "Forms that raise it"),
    Figure("events where the room raised the theme", "Events where the room raised it"),
)
_BEHIND: Final = (
    Figure("events behind the theme", "Events behind it"),
    Figure("forms behind the theme", "Forms behind it"),
)
_HEARD: Final = (
    Figure("themes raised", "Themes raised", bare=True),
    Figure("new themes", "Of these, new", bare=True),
    Figure("themes so far", "Themes so far", bare=True),
    Figure("themes expected in so many events", "Expected in so many events, whatever their order", bare=True),
)
_SATURATION: Final = (
    *("themes found", "themes there are (Chao2)", "coverage of mentions", "events until hardly anything new"),
    "new themes in the last 2 events",
)
_AGREEMENT: Final = (
    Figure("Krippendorff's alpha", "Krippendorff's alpha"),
    Figure("Cohen's kappa", "Cohen's kappa", bare=True),
    Figure("Gwet's AC1", "Gwet's AC1", bare=True),
)


def _workstreams(key: Key) -> tuple[str, ...]:
    """Name a theme and its workstream, or a whole workstream."""
    by, group, _, group2 = key
    return (group_name(group), group_name(group2)) if by == "theme" else ("All its themes", group_name(group))


def theme_tables(rows: RecordRows) -> list[Table]:
    """Tell what was raised, over all communities."""
    chosen = rows.where(lambda row: row.by2 != "community" and (row.by == "workstream" or row.by2 == "workstream"))
    heads = Heads(("Theme", "Workstream"), _workstreams)
    return [
        wide(chosen, "Themes", "What was raised, on forms and in the room", _THEMES, heads=heads),
        tally(
            rows.of("communities that raise the theme"),
            "Communities",
            "Communities that raise each theme",
            "Theme counted",
        ),
    ]


def community_tables(rows: RecordRows) -> list[Table]:
    """Tell what each community raised."""
    chosen = rows.where(lambda row: row.by == "theme" and row.by2 not in {"", "workstream", "theme", "where raised"})
    return [
        wide(chosen, "Themes_by_community", "What each community raised", _THEMES, heads=pairs("Theme", "Community")),
        wide(
            chosen,
            "Behind_the_themes",
            "Events and forms behind each theme",
            _BEHIND,
            heads=pairs("Theme", "Community"),
        ),
    ]


def agreement_tables(rows: RecordRows) -> list[Table]:
    """Tell how far coders agree."""
    chosen = rows.of("items coded", "items coded by two or more")
    return [
        tally(chosen, "Items_coded", "Items of feedback coded"),
        wide(rows, "Agreement", "How far coders agree", _AGREEMENT),
    ]


def voice_tables(rows: RecordRows) -> list[Table]:
    """Set forms against the room."""
    themes = rows.of("events that raise the theme")
    places = list(dict.fromkeys(row.group2 for row in themes))
    found = {(row.group, row.group2): row for row in themes}
    bases = {row.group: row for row in themes}
    body = tuple(
        (
            Cell(group_name(theme)),
            *(value_cell(found.get((theme, place))) for place in places),
            Cell(f"{base.n:,.0f}", base.n) if base.n == base.n else Cell(base.mark or NOT_APPLICABLE),
        )
        for theme, base in bases.items()
    )
    columns = (
        Column("Theme"),
        *(Column(f"Events: raised {place}", "number") for place in places),
        Column("Unweighted base, events with both", "number"),
    )
    return [
        tally(rows.of("mentions of themes"), "Where_raised", "Where themes were raised"),
        Table("Forms_and_room", "Events that raise each theme, on forms and in the room", columns, body),
    ]


def saturation_tables(rows: RecordRows) -> list[Table]:
    """Tell whether anything is still unheard."""
    events = rows.where(lambda row: row.by == "event")
    return [
        amounts(
            rows.of(*_SATURATION, by=("",)).where(lambda row: row.table == "understanding"),
            "Unheard",
            "Whether themes are still unheard",
        ),
        wide(events, "New_themes", "Themes new at each event", _HEARD, heads=single("Event")),
    ]


def together_tables(rows: RecordRows) -> list[Table]:
    """Tell which themes are raised together."""
    tables: list[Table] = []
    for unit in ("forms", "events"):
        figures = (
            Figure(f"raised together: {unit}", "Raised together"),
            Figure(f"raised together, of those that raise either: {unit}", "Of those that raise either", bare=True),
            Figure(f"lift of being raised together: {unit}", "Lift", bare=True),
            Figure(f"adjusted p value of being raised together: {unit}", "Adjusted p", bare=True),
        )
        caption = f"Themes raised together: {unit}"
        tables.append(wide(rows, f"Together_{unit}", caption, figures, heads=pairs("Theme", "And theme")))
    return tables
