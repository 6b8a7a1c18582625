"""Points of a scale: other points need a stated rule, and codes and labels must agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lpact_eval.errors import DefinitionError, HarmonisationError
from lpact_eval.waves.audit import audit
from lpact_eval.waves.reading import read_wave

WaveMaker = Callable[..., Path]
SLOW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
ANSWERS = '1 = "agree"\n2 = "neither"\n3 = "disagree"\n'
FIVE = (
    'answers = ["agree", "neither", "disagree"]\npositive = ["agree"]',
    'answers = ["strongly agree", "tend to agree", "neither", "tend to disagree", "strongly disagree"]',
)
FOUR_TEXTS = (
    '"Strongly agree" = "strongly agree"\n"Agree" = "tend to agree"\n"Disagree" = "tend to disagree"\n'
    '"Strongly disagree" = "strongly disagree"\n'
)
PARTIAL = 'column = "q1"\ncomparable = "partial"\n'


def scaled(make_wave: WaveMaker, answers: str, head: str = 'column = "q1"\n', **more: object) -> Path:
    """The scale of the small survey has five points, and the wave maps `answers`."""
    surveys = make_wave(edit={"harmonised": FIVE}, **more)
    path = surveys / "first" / "crosswalk.toml"
    text = path.read_text(encoding="utf-8")
    assert ANSWERS in text
    path.write_text(text.replace(ANSWERS, answers).replace('column = "q1"\n', head), encoding="utf-8")
    return surveys


TEXTS: dict[str, list[object]] = {"q1": ["Strongly agree", "Agree", "Disagree", "Strongly disagree"]}


def test_four_points_for_five_need_a_rule(make_wave: WaveMaker) -> None:
    message = (
        r"crosswalk\.toml:2: 'confidence' has 5 answers, but nothing maps to 'neither'\..*add rule = .*\"partial\""
    )
    with pytest.raises(DefinitionError, match=message):
        read_wave("first", surveys=scaled(make_wave, FOUR_TEXTS, cells=TEXTS))


def test_comparable_alone_is_no_rule(make_wave: WaveMaker) -> None:
    head = PARTIAL + 'reason = "Four points."\n'
    with pytest.raises(DefinitionError, match=r"nothing maps to 'neither'"):
        read_wave("first", surveys=scaled(make_wave, FOUR_TEXTS, head, cells=TEXTS))


def test_a_rule_alone_does_not_make_it_comparable(make_wave: WaveMaker) -> None:
    head = 'column = "q1"\nrule = "Same words."\n'
    with pytest.raises(DefinitionError, match=r":4: 'confidence' matches the points .* not fully comparable: state"):
        read_wave("first", surveys=scaled(make_wave, FOUR_TEXTS, head, cells=TEXTS))


def test_a_stated_rule_is_told_in_the_audit(make_wave: WaveMaker) -> None:
    head = PARTIAL + 'reason = "Four points"\nrule = "Each point is the answer of the same words."\n'
    surveys = scaled(make_wave, FOUR_TEXTS, head, cells=TEXTS)
    sample = read_wave("first", surveys=surveys)
    assert list(sample.answers["confidence"]) == [
        "strongly agree",
        "tend to agree",
        "tend to disagree",
        "strongly disagree",
    ]
    assert sample.codebook["confidence"].comparable["first"] == "partial"
    told = audit(["first"], surveys=surveys).set_index("variable").loc["confidence", "reason"]
    assert told == "Four points. Each point is the answer of the same words."


def test_a_rule_is_reason_enough(make_wave: WaveMaker) -> None:
    head = PARTIAL + 'rule = "Each point is the answer of the same words."\n'
    sample = read_wave("first", surveys=scaled(make_wave, FOUR_TEXTS, head, cells=TEXTS))
    assert sample.codebook["confidence"].reason["first"] == "Each point is the answer of the same words."


@pytest.mark.parametrize(
    ("answers", "points"),
    [
        ('1 = "agree"\n2 = "agree"\n3 = "neither"\n4 = "disagree"\n', "'1', '2' lead to the same answer 'agree'"),
        (
            '"Strongly agree" = "agree"\n"Agree" = "agree"\n"Neither" = "neither"\n"Disagree" = "disagree"\n',
            "'Strongly agree', 'Agree' lead to the same answer 'agree'",
        ),
    ],
)
def test_merged_points_need_a_rule(make_wave: WaveMaker, answers: str, points: str) -> None:
    with pytest.raises(DefinitionError, match=rf"{points}\..*variants = true"):
        read_wave("first", surveys=make_wave(edit={"crosswalk": (ANSWERS, answers)}))


@pytest.mark.parametrize(
    "answers",
    [
        (
            '"Agree" = "agree"\n"AGREE." = "agree"\n"Neither" = "neither"\n"Neither agree nor disagree" = "neither"\n'
            '3 = "disagree"\n'
        ),
        f'{ANSWERS}"Agree" = "agree"\n"Neither" = "neither"\n"Disagree" = "disagree"\n',
    ],
    ids=["spellings", "codes beside texts"],
)
def test_spellings_of_one_point_are_not_merged(make_wave: WaveMaker, answers: str) -> None:
    cells = {"q1": ["Agree", "Neither", "3", None]}
    assert len(read_wave("first", surveys=make_wave(edit={"crosswalk": (ANSWERS, answers)}, cells=cells))) == 4


def test_points_in_another_language_are_declared(make_wave: WaveMaker) -> None:
    answers = ANSWERS + '"Cytuno" = "agree"\n"Agree" = "agree"\n'
    edit = {"crosswalk": (ANSWERS, answers)}
    with pytest.raises(DefinitionError, match="one point in other words or another language, say variants = true"):
        read_wave("first", surveys=make_wave(edit=edit))
    surveys = make_wave(edit=edit, cells={"q1": ["Cytuno", "Agree", "2", "3"]})
    path = surveys / "first" / "crosswalk.toml"
    path.write_text(path.read_text("utf-8").replace('column = "q1"', 'column = "q1"\nvariants = true'), "utf-8")
    assert list(read_wave("first", surveys=surveys).answers["confidence"]) == ["agree", "agree", "neither", "disagree"]


def test_bands_that_are_finer_than_the_schemas_need_no_rule(make_wave: WaveMaker) -> None:
    bands = '[age_band]\ncolumn = "band"\n[age_band.answers]\n1 = "16-34"\n2 = "16-34"\n3 = "35+"\n'
    old = '[age]\ncolumn = "age"\nrange = [16, 110]\n\n[age.missing]\n999 = "prefer not to say"\n'
    surveys = make_wave(edit={"crosswalk": (old, bands)}, add={"crosswalk": ""}, cells={"band": [1, 2, 3, 3]})
    path = surveys / "first" / "crosswalk.toml"
    path.write_text(path.read_text("utf-8").replace('["attended"]', '["attended", "age"]'), "utf-8")
    assert list(read_wave("first", surveys=surveys).answers["age_band"]) == ["16-34", "16-34", "35+", "35+"]


def labelled(
    make_wave: WaveMaker,
    labels: Mapping[float, str],
    edit: Mapping[str, tuple[str, str]] | None = None,
    cells: Mapping[str, list[object]] | None = None,
) -> Path:
    """The small survey as .sav with value labels of q1."""
    surveys = make_wave("sav", edit=edit or {})
    frame = {"id": [1.0, 2, 3, 4], "q1": [1.0, 2, 3, -8], "eth": [1.0, 2, 3, 3], "age": [16.0, 44, 30, 80]}
    pyreadstat.write_sav(
        pd.DataFrame({**frame, **(cells or {})}),
        surveys / "first" / "delivered.sav",
        variable_value_labels={"q1": dict(labels)},
    )
    return surveys


def test_labels_that_confirm_the_mapping_pass(make_wave: WaveMaker) -> None:
    labels = {1.0: " AGREE ", 2.0: "Neither agree nor disagree", 3.0: "Disagree.", -8.0: "Don't know"}
    assert len(read_wave("first", surveys=labelled(make_wave, labels))) == 4


def test_a_label_that_says_another_answer_is_refused(make_wave: WaveMaker) -> None:
    labels = {1.0: "Disagree", 2.0: "Neither", 3.0: "Agree"}
    message = (
        r"crosswalk\.toml:2: 'confidence', column 'q1': the file's labels contradict the mapping: code '1', label "
        r"'Disagree', is mapped to 'agree'; code '3', label 'Agree', is mapped to 'disagree'\. Correct"
    )
    with pytest.raises(HarmonisationError, match=message):
        read_wave("first", surveys=labelled(make_wave, labels))


def test_a_synonym_of_another_answer_is_refused(make_wave: WaveMaker) -> None:
    with pytest.raises(HarmonisationError, match=r"'Neither agree nor disagree', is mapped to 'disagree'"):
        read_wave("first", surveys=labelled(make_wave, {3.0: "Neither agree nor disagree"}))


def test_a_label_that_says_no_answer_is_refused_as_an_answer(make_wave: WaveMaker) -> None:
    with pytest.raises(HarmonisationError, match=r"code '3', label 'Refused', is mapped to the answer 'disagree'"):
        read_wave("first", surveys=labelled(make_wave, {3.0: "Refused"}))


def test_a_label_that_says_an_answer_is_refused_as_missing(make_wave: WaveMaker) -> None:
    with pytest.raises(HarmonisationError, match=r"code '-8', label 'Agree', is mapped to \"don't know\""):
        read_wave("first", surveys=labelled(make_wave, {-8.0: "Agree"}))


def test_labels_that_are_known_to_be_wrong_are_declared(make_wave: WaveMaker) -> None:
    edit = {"crosswalk": ('column = "q1"', 'column = "q1"\nlabels = "wrong"')}
    labels = {1.0: "Disagree", 3.0: "Agree"}
    assert read_wave("first", surveys=labelled(make_wave, labels, edit)).answers["confidence"].iloc[0] == "agree"


REVERSED = {"crosswalk": (ANSWERS, '1 = "disagree"\n2 = "neither"\n3 = "agree"\n')}
MIXED = {"crosswalk": (ANSWERS, '1 = "agree"\n2 = "disagree"\n3 = "neither"\n')}


@pytest.mark.parametrize("kind", ["csv", "sav", "dta", "xlsx"])
def test_codes_may_run_either_way(make_wave: WaveMaker, kind: str) -> None:
    assert read_wave("first", surveys=make_wave(kind, edit=REVERSED)).answers["confidence"].iloc[0] == "disagree"


@pytest.mark.parametrize("kind", ["csv", "sav"])
def test_codes_that_turn_back_along_the_scale_are_refused(make_wave: WaveMaker, kind: str) -> None:
    message = r"crosswalk\.toml:2: .*the codes don't run along the scale.*1 = 'agree', 2 = 'disagree', 3 = 'neither'"
    with pytest.raises(HarmonisationError, match=message):
        read_wave("first", surveys=make_wave(kind, edit=MIXED))


def test_codes_that_turn_back_are_right_where_labels_confirm_each(make_wave: WaveMaker) -> None:
    labels = {1.0: "Agree", 2.0: "Disagree", 3.0: "Neither agree nor disagree"}
    assert list(read_wave("first", surveys=labelled(make_wave, labels, MIXED)).answers["confidence"])[1] == "disagree"
    with pytest.raises(HarmonisationError, match="no labels in the file confirm them"):
        read_wave("first", surveys=labelled(make_wave, {1.0: "Agree", 2.0: "Disagree"}, MIXED))


def test_codes_that_turn_back_may_be_declared_right(make_wave: WaveMaker) -> None:
    edit = {"crosswalk": (MIXED["crosswalk"][0], MIXED["crosswalk"][1])}
    surveys = make_wave(edit=edit)
    path = surveys / "first" / "crosswalk.toml"
    path.write_text(path.read_text("utf-8").replace('column = "q1"', 'column = "q1"\norder = "as mapped"'), "utf-8")
    assert read_wave("first", surveys=surveys).answers["confidence"].iloc[0] == "agree"


@pytest.mark.parametrize(("key", "value"), [("order", '"as mapped"'), ("variants", "true")])
def test_keys_of_scales_are_refused_elsewhere(make_wave: WaveMaker, key: str, value: str) -> None:
    edit = {"crosswalk": ('column = "eth"', f'column = "eth"\n{key} = {value}')}
    with pytest.raises(DefinitionError, match=rf"{key} is for scales; 'ethnicity_detail' is a category"):
        read_wave("first", surveys=make_wave(edit=edit))


BY = 'column = "q1"\nby = "label"'
WORDS = '"Agree" = "agree"\n"neither  agree nor disagree" = "neither"\n"Disagree" = "disagree"\n'
LABELS = {1.0: "Agree", 2.0: "Neither agree nor disagree", 3.0: "Disagree", -8.0: "Don't know", 4.0: "agree"}
BY_LABEL = """[confidence]
column = "q1"
by = "label"

[confidence.answers]
"Agree" = "agree"
"neither  agree nor disagree" = "neither"
"Disagree" = "disagree"
"Strongly disagree" = "disagree"

[confidence.missing]
"Don't know" = "don't know"
"""
OLD = (
    '[confidence]\ncolumn = "q1"\n\n[confidence.answers]\n1 = "agree"\n2 = "neither"\n3 = "disagree"\n'
    '\n[confidence.missing]\n-8 = "don\'t know"\n-9 = "prefer not to say"\n'
)
PARTLY = BY_LABEL.replace("by =", 'comparable = "partial"\nrule = "Both kinds disagree."\nby =')


def test_value_labels_are_mapped_in_place_of_codes(make_wave: WaveMaker) -> None:
    """Two codes share a label, and a label that the file lacks is no fault."""
    surveys = labelled(make_wave, LABELS, {"crosswalk": (OLD, PARTLY)}, {"q1": [1.0, 2, 4, -8]})
    sample = read_wave("first", surveys=surveys)
    assert list(sample.answers["confidence"])[:3] == ["agree", "neither", "agree"]
    assert sample.missing["confidence"].iloc[3] == "don't know"


def test_codes_without_a_mapped_label_are_refused_with_their_counts(make_wave: WaveMaker) -> None:
    surveys = labelled(make_wave, {**LABELS, 5.0: "Other"}, {"crosswalk": (OLD, PARTLY)}, {"q1": [7.0, 7, 5, 1]})
    message = r"not mapped: '7' in 2 rows; '5' \(Other\) in 1 row\. Map the label of each, or a code without label"
    with pytest.raises(HarmonisationError, match=message):
        read_wave("first", surveys=surveys)


def test_a_code_without_label_may_be_mapped_beside_labels(make_wave: WaveMaker) -> None:
    by_label = PARTLY + '"7" = "blank"\n'
    surveys = labelled(make_wave, LABELS, {"crosswalk": (OLD, by_label)}, {"q1": [7.0, 1, 1, 1]})
    assert read_wave("first", surveys=surveys).missing["confidence"].iloc[0] == "blank"


def test_mapping_by_label_needs_labels(make_wave: WaveMaker) -> None:
    with pytest.raises(HarmonisationError, match=r"by = \"label\", but column 'q1' has no value labels; map its codes"):
        read_wave("first", surveys=make_wave(edit={"crosswalk": (OLD, PARTLY)}))


def test_labels_that_differ_in_case_only_are_one(make_wave: WaveMaker) -> None:
    twice = BY_LABEL.replace('"Disagree" = "disagree"', '"Disagree" = "disagree"\n"AGREE" = "disagree"', 1)
    with pytest.raises(DefinitionError, match=r"code 'AGREE' is mapped twice"):
        read_wave("first", surveys=labelled(make_wave, LABELS, {"crosswalk": (OLD, twice)}))


def test_text_is_not_mapped_by_label(make_wave: WaveMaker) -> None:
    add = {"harmonised": '\n[variables.said]\nkind = "text"\n', "crosswalk": '\n[said]\ncolumn = "eth"\nby = "label"\n'}
    with pytest.raises(DefinitionError, match=r'by = "label" maps value labels .*; \'said\' is a text; remove by'):
        read_wave("first", surveys=make_wave(add=add))


@SLOW
@given(st.permutations(["agree", "neither", "disagree", "don't know"]), st.data())
def test_mapping_by_label_equals_mapping_by_code(make_wave: WaveMaker, order: list[str], data: st.DataObject) -> None:
    codes = dict(zip((1.0, 2.0, 3.0, 4.0), order, strict=True))
    labels = {code: answer.upper() for code, answer in codes.items()}
    cells = {"q1": data.draw(st.lists(st.sampled_from([*codes, None]), min_size=4, max_size=4))}
    answers = [code for code in codes if codes[code] != "don't know"]
    by_code = '[confidence]\ncolumn = "q1"\n[confidence.answers]\n'
    by_code += "".join(f'"{code:g}" = "{codes[code]}"\n' for code in answers)
    by_code += "".join(
        f'[confidence.missing]\n"{code:g}" = "{word}"\n' for code, word in codes.items() if code not in answers
    )
    by_label = '[confidence]\ncolumn = "q1"\nby = "label"\n[confidence.answers]\n'
    by_label += '"Agree" = "agree"\n"Neither" = "neither"\n"Disagree" = "disagree"\n'
    by_label += '[confidence.missing]\n"Don\'t know" = "don\'t know"\n'
    one, other = (
        read_wave("first", surveys=labelled(make_wave, labels, {"crosswalk": (OLD, text)}, cells))
        for text in (by_code, by_label)
    )
    pd.testing.assert_frame_equal(one.answers, other.answers)
    pd.testing.assert_frame_equal(one.missing, other.missing)
