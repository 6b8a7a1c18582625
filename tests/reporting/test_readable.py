from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from lpact_eval.reporting.readable import texts_in, texts_of


def test_words_are_joined_across_tags_within_a_sentence_and_parted_at_cells() -> None:
    page = "<p>the margin <em>of</em><br>error</p><table><tr><td>No</td><td>change</td></tr></table>"
    assert texts_of(page) == ["the margin of error", "No", "change"]


def test_labels_for_screen_readers_are_read() -> None:
    page = '<div role="img" aria-label="A finding"><img alt="A picture"></div><a title="More">here</a>'
    assert texts_of(page) == ["A finding", "A picture", "More", "here"]


def test_entities_are_read_as_what_they_stand_for() -> None:
    assert texts_of("<p>can&#39;t &amp; won&rsquo;t</p>") == ["can't & won’t"]  # noqa: RUF001 - a real apostrophe


def test_scripts_and_styles_are_not_read_but_figures_are() -> None:
    page = (
        "<style>p {}</style><script>var no = change;</script>"
        '<script type="application/json">{"x": ["the <b>label</b>", 3]}</script><p>text</p>'
    )
    assert [" ".join(text.split()) for text in texts_of(page)] == ["the label", "text"]


def test_figures_that_are_no_json_are_read_as_they_stand() -> None:
    assert texts_of('<script type="application/json">not json</script>') == ["not json"]


def test_a_picture_is_read_text_by_text() -> None:
    assert texts_of("<svg><text>No</text><text>cha<tspan>nge</tspan></text></svg>") == ["No", "change"]


def test_figures_are_read_without_their_keys() -> None:
    assert list(texts_in({"caused": ["a", {"b": "c"}], "n": 1, "none": None})) == ["a", "c"]


def test_a_quoted_text_may_hold_the_end_of_a_tag_and_a_comment_says_nothing() -> None:
    page = '<p title="more > less">one<!-- no change --></p><!DOCTYPE html><?xml version="1.0"?>two'
    assert texts_of(page) == ["more > less", "one", "two"]


def test_a_tag_that_does_not_end_is_read_as_text() -> None:
    assert texts_of('<p>one</p><p class="no change') == ["one", '<p class="no change']


def test_what_looks_like_a_tag_in_a_comment_parts_no_sentence() -> None:
    assert texts_of("<p>stayed <!-- <p>once</p> --> the same</p>") == ["stayed  the same"]


def test_tags_in_capital_letters_are_read_as_the_others() -> None:
    page = "<P>no <B>ch</B>ange<Br>here</P><SCRIPT>a < b</Script><Td TITLE='label'>cell</Td>"
    assert texts_of(page) == ["no change here", "label", "cell"]


def test_texts_of_figures_keep_their_order() -> None:
    assert list(texts_in([{"a": "one", "b": ["two", {"c": "three"}]}, "four", "<b>five</b>"])) == [
        *("one", "two", "three", "four"),
        " five ",
    ]


def test_a_script_that_does_not_end_is_not_read() -> None:
    assert texts_of("<p>one</p><script>no change") == ["one"]


@given(
    st.lists(
        st.sampled_from(["<p>", "</p>", "<b>", "</b>", "<br>", "<td title='x'>", "<!-- c -->", "a b", " ", "&lt;"])
    )
)
def test_a_page_is_read_as_by_the_parser_of_the_standard_library(parts: list[str]) -> None:
    page = "".join(parts)
    parser = _Plain()
    parser.feed(page)
    parser.close()
    ours, theirs = "".join(texts_of(page)), "".join(parser.found)
    assert sorted("".join(ours.split())) == sorted("".join(theirs.split()))


class _Plain(HTMLParser):
    """Texts and titles in the order of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self.found += [value or "" for name, value in attrs if name == "title"]

    def handle_data(self, data: str) -> None:
        self.found.append(data)
