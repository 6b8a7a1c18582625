"""What looks personal is counted and never shown; quotes need consent and are linked to nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lpact_eval.evidence.privacy import QUOTE_COLUMNS, READ_FIRST, quotable, scan_texts, why_not_quotable

if TYPE_CHECKING:
    from collections.abc import Callable

    from lpact_eval.evidence.records import Evidence

MAIL, PHONE, PLACE = "planted.marker@example.org", "07700 900123", "LE1 4ZZ"


def register(attendees: float | None = 60.0, community: str = "Somali", venue: str = "Hall") -> dict[str, object]:
    return {"event": "E1", "date": "2024-03-16", "community": community, "attendees": attendees, "venue": venue}


def item(name: str, text: str | None, **other: object) -> dict[str, object]:
    return {"item": name, "event": "E1", "kind": "form", "person": name, "text": text, "quote_consent": True, **other}


def test_texts_that_look_personal_are_counted_by_record_column_and_kind(
    small_evidence: Callable[..., Evidence],
) -> None:
    evidence = small_evidence(
        register=[register()],
        feedback=[item("F1", f"write to {MAIL}"), item("F2", f"ring {PHONE} soon"), item("F3", f"{MAIL} again")],
        verdicts=[{"meeting": "2024-04-01", "theme": "told", "verdict": "amend", "reworded": f"I live in {PLACE}"}],
    )
    found = scan_texts(evidence)
    rows = {(row.record, row.column, row.kind): (row.cells, row.items) for row in found.itertuples()}
    assert rows == {
        ("feedback", "text", "an e-mail address"): (2, "F1; F3"),
        ("feedback", "text", "a telephone number"): (1, "F2"),
        ("verdicts", "reworded", "a full postcode"): (1, "row 1"),
    }


def test_a_scan_never_shows_a_text(small_evidence: Callable[..., Evidence]) -> None:
    found = scan_texts(small_evidence(register=[register()], feedback=[item("F1", f"Asha, {MAIL}, {PHONE}")]))
    assert not any(marker in found.to_csv() for marker in ("Asha", MAIL, PHONE))


def test_a_venue_may_have_its_own_postcode(small_evidence: Callable[..., Evidence]) -> None:
    assert scan_texts(small_evidence(register=[register(venue=f"Hall, {PLACE}")])).empty


def test_only_texts_with_consent_and_nothing_personal_may_be_quoted(small_evidence: Callable[..., Evidence]) -> None:
    evidence = small_evidence(
        register=[register()],
        feedback=[
            item("F1", "Nobody told us why.", agreed=("told", "listening")),
            item("F2", "No consent.", quote_consent=False),
            item("F3", "Consent not asked.", quote_consent=None),
            item("F4", f"Ring {PHONE}."),
            item("F5", None),
        ],
    )
    found = quotable(evidence)
    assert list(found.columns) == list(QUOTE_COLUMNS)
    assert found["item"].tolist() == ["F1"]
    row = found.iloc[0]
    assert (row["community"], row["event"], row["unlinked"]) == ("Somali", "E1", "")
    assert row["themes"] == "Being told what was done; Being listened to and believed"
    assert row["before_use"] == READ_FIRST


@pytest.mark.parametrize("attendees", [29.0, None])
def test_a_quote_is_linked_to_nothing_where_fewer_than_thirty_came(
    small_evidence: Callable[..., Evidence], attendees: float | None
) -> None:
    row = quotable(small_evidence(register=[register(attendees)], feedback=[item("F1", "Thanks.")])).iloc[0]
    assert (row["community"], row["event"]) == ("", "")
    assert row["unlinked"].startswith("fewer than 30 people at the event")


def test_a_quote_is_linked_to_a_community_only_where_thirty_of_it_came(
    small_evidence: Callable[..., Evidence],
) -> None:
    few = [{"event": "E1", "by": "community", "group": "Kenyan", "people": 29}]
    enough = [{"event": "E1", "by": "community", "group": "Kenyan", "people": 30}]
    feedback = [item("F1", "Thanks.", community="Kenyan")]
    rows = [
        quotable(small_evidence(register=[register()], feedback=feedback, attendance=attendance)).iloc[0]
        for attendance in ([], few, enough)
    ]
    assert [row["community"] for row in rows] == ["", "", "Kenyan"]
    assert [row["event"] for row in rows] == ["E1", "E1", "E1"]


def test_a_quote_from_an_event_for_several_communities_names_none(small_evidence: Callable[..., Evidence]) -> None:
    evidence = small_evidence(register=[register(community="Several")], feedback=[item("F1", "Thanks.")])
    row = quotable(evidence).iloc[0]
    assert (row["community"], row["event"]) == ("", "E1")
    assert "not a single one" in row["unlinked"]


def test_why_an_item_may_not_be_quoted_is_said_without_its_text(small_evidence: Callable[..., Evidence]) -> None:
    evidence = small_evidence(
        register=[register()],
        feedback=[
            item("F1", "Fine."),
            item("F2", "Secret.", quote_consent=None),
            item("F3", f"Secret {MAIL}"),
            item("F4", None),
        ],
    )
    assert {name: why_not_quotable(evidence, name) for name in ("F1", "F2", "F3", "F4", "F9")} == {
        "F1": "",
        "F2": "nobody consented to its being quoted",
        "F3": "it holds what looks like an e-mail address",
        "F4": "it has no text",
        "F9": "there is no such item among those kept",
    }
