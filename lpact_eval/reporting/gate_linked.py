"""Attack the written rows of a release, alone and beside earlier ones, with all that a reader has of them.

Shown bases, hidden ones and the equations among them are read from results.csv: groups add up to everybody, but for as
many as are in no group elsewhere in the release; the two surveys of a change add up to it, and the arms of a gap. The
auditor then says how well each hidden base can be told. Findings name places and never a number.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.cells import ReadCell, Relation, adds_up
from lpact_eval.errors import DisclosureError
from lpact_eval.reporting.differencing import EVERYBODY, SUPPRESSED, number, whole_area
from lpact_eval.reporting.release_folder import place_of, waves_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lpact_eval.reporting.release_folder import ReleaseFolder, Row

_ARMS: Final = ("attended", "others")
_BOTH: Final = "both"
_MEASURES: Final = frozenset({"level", "distribution", "change", "gap"})

Key = tuple[str, str, str, str, str]  # question, waves, column, group, part


def told_in_rows(release: ReleaseFolder, earlier: Sequence[ReleaseFolder] = ()) -> list[str]:
    """Find hidden bases that a reader of a release, or of it and earlier ones, can tell too well.

    Parameters
    ----------
    release : ReleaseFolder
        With rows.
    earlier : sequence of ReleaseFolder, optional
        Releases that readers have, with rows.

    Returns
    -------
    list of str
        Places.
    """
    now = _Seen.of(release)
    joined = now.joined([_Seen.of(other) for other in earlier])
    if not joined.hidden:
        return []
    threshold = max(one.rules.suppress_below for one in (release, *earlier))
    try:
        found = joined.narrow(threshold, strict=True)
    except DisclosureError:
        # who is in no group differs between questions by more than a reader would guess
        found = joined.narrow(threshold, strict=False)
    return [f"{place}: what is hidden can be worked out too closely from the rest" for place in found]


@dataclass(slots=True, eq=False)
class _Seen:
    """Bases by respondents, None where hidden, with the equations among them."""

    bases: dict[Key, int | None] = field(default_factory=dict[Key, "int | None"])
    places: dict[str, str] = field(default_factory=dict[str, str])
    sums: list[tuple[Key, list[Key]]] = field(default_factory=list[tuple[Key, "list[Key]"]])
    cells: dict[str, ReadCell] = field(default_factory=dict[str, ReadCell])
    relations: list[Relation] = field(default_factory=list[Relation])

    @classmethod
    def of(cls, release: ReleaseFolder) -> _Seen:
        """Read the rows of a release."""
        seen, area = cls(), whole_area(release.rows or ())
        for row in release.rows or ():
            if row["statistic"] in _MEASURES and not row["detail"] and row["reported first"] != "no":
                seen._take(row, area)
        return seen

    @property
    def hidden(self) -> bool:
        """Whether anything is hidden."""
        return any(base is None for base in self.bases.values())

    def _take(self, row: Row, area: str) -> None:
        """Take up the bases of a row."""
        groups = [(name, row[name]) for name, everybody in EVERYBODY.items() if row[name] != everybody]
        groups += [("geography", row["geography"])] if row["geography"] != area else []
        column, group = groups[0] if groups else ("", "")
        place = (row["question"], " - ".join(waves_of(row)), column, group)
        part = _BOTH if row["statistic"] == "gap" else ""
        base, closed = number(row["unweighted sample"]), row["unweighted sample"] == SUPPRESSED
        if len(groups) > 1 or (base is None and not closed):
            return
        whole = self._put((*place, part), base, row)
        ends = [number(row[name]) for name in ("sample first", "sample second")]
        if row["statistic"] == "change":
            before = [(row["question"], wave, column, group, "") for wave in reversed(waves_of(row))]
            self.sums.append((whole, [self._put(key, end, row) for key, end in zip(before, ends, strict=True)]))
        elif row["statistic"] == "gap":
            arms: list[Key] = [(*place, name) for name in _ARMS]
            self.sums.append((whole, [self._put(key, end, row) for key, end in zip(arms, ends, strict=True)]))

    def _put(self, key: Key, base: float | None, row: Row) -> Key:
        """Keep a base; one that is shown anywhere is known."""
        self.places.setdefault("|".join(key), place_of(row))
        if self.bases.get(key) is None:
            self.bases[key] = None if base is None else int(base)
        return key

    def joined(self, earlier: Iterable[_Seen]) -> _Seen:
        """Write this release and others as cells and equations of one system."""
        self.write("", {})
        for number_, other in enumerate(earlier):
            same = {key[:2] for key in other.bases} - {
                key[:2]
                for key, base in other.bases.items()
                if None not in {base, self.bases.get(key)} and base != self.bases[key]
            }
            other.write(f"|earlier {number_}", {key: "|".join(key) for key in other.bases if key[:2] in same})
            self._take_over(other)
        return self

    def _take_over(self, other: _Seen) -> None:
        """Put the cells and equations of another release beside these; what either shows is known."""
        for name, cell in other.cells.items():
            if name not in self.cells or self.cells[name].value is None:
                self.cells[name] = cell
        self.relations += other.relations
        self.places |= {name: place for name, place in other.places.items() if name not in self.places}

    def write(self, ending: str, names: dict[Key, str]) -> None:
        """Write bases as cells, and the equations among them."""
        called = {key: names.get(key, "|".join(key) + ending) for key in self.bases}
        for key, base in self.bases.items():
            self.cells[called[key]] = ReadCell(called[key], base, 0 if key[4] in _ARMS else 1)
            self.places.setdefault(called[key], self.places["|".join(key)])
        self.relations += [adds_up(called[whole], [called[part] for part in parts]) for whole, parts in self.sums]
        rests = self._rests()
        for (whole, column), parts in self._tables().items():
            rest = f"rest of {called[whole]} by {column}{ending}"
            self.cells[rest] = ReadCell(rest, None, 0, rests.get((whole[1], whole[4], column), 0))
            self.relations.append(adds_up(called[whole], [*(called[part] for part in parts), rest]))

    def _tables(self) -> dict[tuple[Key, str], list[Key]]:
        """Gather the groups that add up to everybody; those of several variables in one column don't."""
        tables: dict[tuple[Key, str], list[Key]] = defaultdict(list)
        for key in self.bases:
            if key[2] and (whole := (*key[:2], "", "", key[4])) in self.bases:
                tables[whole, key[2]].append(key)
        return {
            at: parts
            for at, parts in tables.items()
            if sum(self.bases[part] or 0 for part in parts) <= (self.bases[at[0]] or float("inf"))
        }

    def _rests(self) -> dict[tuple[str, str, str], int]:
        """Say how many are in no group at the most, where all groups of a table are shown."""
        found: dict[tuple[str, str, str], int] = {}
        for (whole, column), parts in self._tables().items():
            bases = [self.bases[part] for part in (whole, *parts)]
            if None not in bases:
                everybody, *groups = [base or 0 for base in bases]
                key = (whole[1], whole[4], column)
                found[key] = max(found.get(key, 0), everybody - sum(groups))
        return found

    def narrow(self, threshold: int, *, strict: bool) -> list[str]:
        """Name the places of hidden bases that may be small and lie in too narrow an interval."""
        from lpact_eval.disclosure.intervals import Reading, intervals  # noqa: PLC0415 - 0.3 s that only a gate needs

        cells = [
            cell if strict or not cell.name.startswith("rest of ") else ReadCell(cell.name, None, 0)
            for cell in self.cells.values()
        ]
        wanted = {cell.name for cell in cells if cell.value is None and cell.name in self.places}
        found = intervals(Reading.of(cells, self.relations), wanted)
        return sorted(
            {
                self.places[name]
                for name in wanted
                if found[name][0] < threshold and found[name][1] - found[name][0] < threshold
            }
        )
