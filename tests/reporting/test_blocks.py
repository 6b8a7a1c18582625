from __future__ import annotations

from lpact_eval.reporting.blocks import Grid, GridCell, Heading, Paragraph, Picture, read_blocks

PAGE = """
<head><title>Left out</title></head>
<nav><p>Contents</p></nav>
<h1>The  whole</h1>
<p class="lead">One <strong>two</strong> three.</p>
<div class="panel" data-figure="trend-a-0"></div><div class="panel" data-figure="trend-a-1"></div>
<div class="panel" data-figure="trend-a-apart-0"><svg><text>drawn</text></svg></div>
<ul class="within"><li>Left out</li></ul>
<aside><h3>Limits</h3><ul><li>A limit.</li></ul></aside>
<table><caption>shares by group</caption>
<thead><tr><th scope="col">Group</th><th scope="col" class="number">Share</th></tr></thead>
<tbody><tr><th scope="row">Black</th><td class="number">36%</td></tr></tbody></table>
<dl><div><dt>Seed</dt><dd>none</dd></div></dl>
<details><summary>Left out</summary><p class="page-only">Left out.</p></details>
"""


def test_a_page_is_read_as_blocks_in_the_order_of_reading() -> None:
    assert read_blocks(PAGE) == [
        Heading(1, "The whole"),
        Paragraph((("One ", False), ("two", True), (" three.", False)), "lead"),
        Picture("trend-a"),
        Picture("trend-a", apart=True),
        Heading(3, "Limits", boxed=True),
        Paragraph((("A limit.", False),), "item", boxed=True),
        Grid(
            "Shares by group",
            (GridCell("Group", head=True), GridCell("Share", number=True, head=True)),
            ((GridCell("Black", head=True), GridCell("36%", number=True)),),
        ),
        Paragraph((("Seed: ", True), ("none", False)), "term"),
    ]


def test_a_paragraph_says_all_that_its_runs_say() -> None:
    lead = next(block for block in read_blocks(PAGE) if isinstance(block, Paragraph))
    assert lead.text == "One two three."


def test_elements_that_are_not_closed_end_with_what_they_are_in() -> None:
    assert read_blocks("<section><p>One<strong> two</section></em><p>Three</p>") == [
        Paragraph((("One", False), (" two", True))),
        Paragraph((("Three", False),)),
    ]
