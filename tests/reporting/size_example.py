"""A hand-made first wave, and the note on sample size that it leads to."""

from __future__ import annotations

from dataclasses import replace

from lpact_eval.planning.next_wave import FirstWave
from lpact_eval.reporting.size_content import SizeAsked, SizeNote, size_note

FIRSTS = (
    FirstWave("2022", "Asian", 62, 50.0, 0.55, df=30.0),
    FirstWave("2022", "Black", 50, 40.0, 0.36, df=6.0),
    FirstWave("2022", "White", 171, 137.0, 0.56, df=40.0),
    FirstWave("2022", "Other", 14, 12.0, 0.5, assumed=True, df=8.0),
)
PERSONS = {"Asian": 170_000.0, "Black": 29_000.0, "Mixed": 24_000.0, "White": 640_000.0, "Other": 18_000.0}
ASKED = SizeAsked("Confidence in the police in this area", "strongly agree or tend to agree", "2022", "Black")


def note(**changes: object) -> SizeNote:
    """Make the note, with other things asked where wanted."""
    asked = replace(ASKED, **changes)
    return size_note(asked, FIRSTS, hidden=("Mixed",), weight_effects={"Black": 1.2}, persons=PERSONS)
