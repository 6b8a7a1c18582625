"""Work out what the evidence tables of the demo records hold, by plain counting; run as python tally.py [FOLDER].

Nothing of the package is imported: the rules are written in words at the top of raw.py (how records are read) and of
each tally, and followed in plain loops. What needs statistics is worked out in R beside them (statistics.R).
"""

from __future__ import annotations

import sys
from pathlib import Path

import actions_tally
import costs_tally
import events_tally
import feedback_tally
import lists_tally
import observations_tally
from writing import write

TABLES = {
    "relationships": events_tally.relationships,
    "retention": events_tally.retention,
    "coverage": events_tally.coverage,
    "attendance": events_tally.attendance,
    "communications": events_tally.communications,
    "themes": feedback_tally.themes,
    "cooccurrence": feedback_tally.cooccurrence,
    "saturation": feedback_tally.saturation,
    "raised": feedback_tally.raised,
    "voices": feedback_tally.voices,
    "coding": feedback_tally.coding,
    "actions": actions_tally.actions,
    "observations": observations_tally.observations,
    "understanding_change": observations_tally.understanding_change,
    "costs": costs_tally.costs,
    "cost_sensitivity": costs_tally.cost_sensitivity,
    "reach": lists_tally.reach,
}


def main(folder: Path) -> None:
    """Write one file for each table."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, work in TABLES.items():
        write(folder, table, work())
    lists_tally.write_lists(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
