"""The attack on written rows, by hand."""

from __future__ import annotations

from pathlib import Path

from lpact_eval.reporting.gate_linked import told_in_rows
from lpact_eval.reporting.release_folder import ReleaseFolder

EVERYONE = "All respondents"


def row(group: str, base: str, **cells: str) -> dict[str, str]:
    """A share of a question by ethnic group; "[c]" is hidden."""
    return {
        **dict.fromkeys(("detail", "group", "sample first", "sample second"), ""),
        "sex": "All",
        "age": "All",
        "geography": "Leicestershire",
        "time": "2022 (1 May to 2 June 2022)",
        "measure": "Trust (share)",
        "statistic": "level",
        "question": "trust",
        "reported first": "yes",
        "ethnicity": group,
        "unweighted sample": base,
        **cells,
    }


def release(*rows: dict[str, str]) -> ReleaseFolder:
    return ReleaseFolder(Path("release"), "Title", "uk", synthetic=True, made={}, definitions={}, files={}, rows=rows)


def test_a_release_that_hides_enough_tells_nothing() -> None:
    rows = [row(EVERYONE, "97"), row("Asian", "[c]"), row("Black", "[c]"), row("White", "50")]
    assert told_in_rows(release(*rows)) == []
    assert told_in_rows(release(*rows[:1], rows[3])) == []


def test_two_hidden_groups_of_ten_together_are_told_to_be_small() -> None:
    rows = [row(EVERYONE, "60"), row("Asian", "[c]"), row("Black", "[c]"), row("White", "50")]
    (first, second) = told_in_rows(release(*rows))
    assert first == "Trust (share), Asian, 2022: what is hidden can be worked out too closely from the rest"
    assert "Black" in second


def test_who_is_in_no_group_elsewhere_may_be_in_none_here() -> None:
    """Two more may be in no group, as with another question: from 1 to 11 is wide enough."""
    rows = [row(EVERYONE, "62"), row("Asian", "[c]"), row("Black", "[c]"), row("White", "50")]
    other = [row(group, base, question="fair") for group, base in ((EVERYONE, "90"), ("Asian", "40"), ("White", "48"))]
    assert told_in_rows(release(*rows, *other)) == []


def test_a_change_tells_of_the_surveys_that_it_rests_on() -> None:
    """The first survey's 40 are shown, and so is the sum: the later one's base follows."""
    shown = row("Asian", "47", statistic="change", time="rerun (June) minus 2022 (May)", **{"sample first": "40"})
    later = row("Asian", "[c]", time="rerun (June)")
    (place,) = told_in_rows(release(row("Asian", "40"), later, {**shown, "sample second": "[c]"}))
    assert "Asian, rerun" in place


def test_two_releases_of_the_same_answers_are_one_system() -> None:
    """Either hides two groups; White from one and Black from the other leave 7 Asian respondents."""
    one = release(row(EVERYONE, "77"), row("Asian", "[c]"), row("Black", "[c]"), row("White", "50"))
    two = release(row(EVERYONE, "77"), row("Asian", "[c]"), row("Black", "20"), row("White", "[c]"))
    assert told_in_rows(one) == []
    assert told_in_rows(two) == []
    (place,) = told_in_rows(one, [two])
    assert "Asian" in place
    assert not any(character in place for character in "7")


def test_an_earlier_release_of_other_answers_is_a_system_of_its_own() -> None:
    one = release(row(EVERYONE, "77"), row("Asian", "[c]"), row("Black", "[c]"), row("White", "50"))
    two = release(row(EVERYONE, "200"), row("Asian", "[c]"), row("Black", "120"), row("White", "[c]"))
    assert told_in_rows(one, [two]) == []
