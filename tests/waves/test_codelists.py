"""Standard lists of ethnic groups: police 18+1 and 16+1, census 2021 and 2011."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lpact_eval.errors import DefinitionError, HarmonisationError
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.audit import audit
from lpact_eval.waves.codelists import code_lists, plain
from lpact_eval.waves.reading import read_wave, unmapped
from lpact_eval.waves.schema import read_schema

WaveMaker = Callable[..., Path]
SHIPPED = read_schema(surveys_folder() / "harmonised.toml")
GROUPS = SHIPPED.answers("ethnicity_19")
NINETEEN = "\n".join(
    [
        'kind = "category"\nanswers = [' + ", ".join(f'"{group}"' for group in GROUPS) + "]",
        '\n[variables.ethnicity]\nkind = "category"\nfrom = "ethnicity_detail"\n\n[variables.ethnicity.groups]',
        *(
            f'"{group}" = {list(members)}'.replace("'", '"')
            for group, members in SHIPPED.variables["ethnicity"].groups.items()
        ),
        *(
            f'\n[variables.{name}]\nkind = "yes_no"\nfrom = "ethnicity_detail"\n[variables.{name}.groups]\n'
            + "\n".join(
                f'"{yes}" = {list(members)}'.replace("'", '"')
                for yes, members in SHIPPED.variables[name].groups.items()
            )
            for name in ("black", "black_heritage")
        ),
    ]
)
OLD_SCHEMA = (
    'kind = "category"\nanswers = ["African", "Caribbean", "British"]\n\n[variables.ethnicity]\nkind = "category"\n'
    'from = "ethnicity_detail"\n\n[variables.ethnicity.groups]\n"Black" = ["African", "Caribbean"]\n'
    '"White" = ["British"]'
)
OLD = '[ethnicity_detail.answers]\n1 = "African"\n2 = "Caribbean"\n3 = "British"\n'

# domain: 18 groups and one for not stated; 16+1 lacks W3 and O2 and has Chinese as O1
POLICE_18 = {
    "W1": "British",
    "W2": "Irish",
    "W3": "Gypsy or Irish Traveller",
    "W9": "Other White",
    "M1": "White and Black Caribbean",
    "M2": "White and Black African",
    "M3": "White and Asian",
    "M9": "Other Mixed",
    "A1": "Indian",
    "A2": "Pakistani",
    "A3": "Bangladeshi",
    "A4": "Chinese",
    "A9": "Other Asian",
    "B1": "Caribbean",
    "B2": "African",
    "B9": "Other Black",
    "O2": "Arab",
    "O9": "Any other",
}  # fmt: skip - a group of codes a line
POLICE_16 = {code: answer for code, answer in POLICE_18.items() if code not in {"W3", "O2", "A4"}} | {"O1": "Chinese"}
# column headings of the Census 2021 table of 19 groups for England and Wales
CENSUS_2021 = {
    "Asian, Asian British or Asian Welsh: Bangladeshi": "Bangladeshi",
    "Asian, Asian British or Asian Welsh: Chinese": "Chinese",
    "Asian, Asian British or Asian Welsh: Indian": "Indian",
    "Asian, Asian British or Asian Welsh: Pakistani": "Pakistani",
    "Asian, Asian British or Asian Welsh: Other Asian": "Other Asian",
    "Black, Black British, Black Welsh, Caribbean or African: African": "African",
    "Black, Black British, Black Welsh, Caribbean or African: Caribbean": "Caribbean",
    "Black, Black British, Black Welsh, Caribbean or African: Other Black": "Other Black",
    "Mixed or Multiple ethnic groups: White and Asian": "White and Asian",
    "Mixed or Multiple ethnic groups: White and Black African": "White and Black African",
    "Mixed or Multiple ethnic groups: White and Black Caribbean": "White and Black Caribbean",
    "Mixed or Multiple ethnic groups: Other Mixed or Multiple ethnic groups": "Other Mixed",
    "White: English, Welsh, Scottish, Northern Irish or British": "British",
    "White: Gypsy or Irish Traveller": "Gypsy or Irish Traveller",
    "White: Irish": "Irish",
    "White: Roma": "Roma",
    "White: Other White": "Other White",
    "Other ethnic group: Arab": "Arab",
    "Other ethnic group: Any other ethnic group": "Any other",
}
CENSUS_2011 = {
    "White: English/Welsh/Scottish/Northern Irish/British": "British",
    "White: Irish": "Irish",
    "White: Gypsy or Irish Traveller": "Gypsy or Irish Traveller",
    "White: Other White": "Other White",
    "Mixed/multiple ethnic group: White and Black Caribbean": "White and Black Caribbean",
    "Mixed/multiple ethnic group: White and Asian": "White and Asian",
    "Mixed/multiple ethnic group: White and Black African": "White and Black African",
    "Mixed/multiple ethnic group: Other Mixed": "Other Mixed",
    "Asian/Asian British: Indian": "Indian",
    "Asian/Asian British: Pakistani": "Pakistani",
    "Asian/Asian British: Bangladeshi": "Bangladeshi",
    "Asian/Asian British: Chinese": "Chinese",
    "Asian/Asian British: Other Asian": "Other Asian",
    "Black/African/Caribbean/Black British: African": "African",
    "Black/African/Caribbean/Black British: Caribbean": "Caribbean",
    "Black/African/Caribbean/Black British: Other Black": "Other Black",
    "Other ethnic group: Arab": "Arab",
    "Other ethnic group: Any other ethnic group": "Any other",
}
LISTS = {
    "police-18+1": POLICE_18,
    "police-16+1": POLICE_16,
    "census-2021": CENSUS_2021,
    "census-2011": CENSUS_2011,
}


def coded(make_wave: WaveMaker, name: str, texts: list[object], tables: str = "") -> Path:
    """The small survey with the 19 groups, mapped by a standard list."""
    rows = len(texts)
    return make_wave(
        edit={
            "harmonised": (OLD_SCHEMA, NINETEEN),
            "crosswalk": (f'column = "eth"\n\n{OLD}', f'column = "eth"\ncodes = "{name}"\n{tables}'),
        },
        cells={"id": list(range(rows)), "q1": [1] * rows, "eth": texts, "age": [30] * rows},
    )


@pytest.mark.parametrize("name", LISTS)
def test_every_code_of_a_list_is_its_group(make_wave: WaveMaker, name: str) -> None:
    sample = read_wave("first", surveys=coded(make_wave, name, list(LISTS[name])))
    assert list(sample.answers["ethnicity_detail"]) == list(LISTS[name].values())
    assert sample.answers["ethnicity"].notna().all()


@pytest.mark.parametrize("name", LISTS)
def test_case_and_punctuation_do_not_matter(make_wave: WaveMaker, name: str) -> None:
    texts = [f" {text.lower().replace(':', ' -').replace('/', ' / ')}. " for text in LISTS[name]]
    sample = read_wave("first", surveys=coded(make_wave, name, list(texts)))
    assert list(sample.answers["ethnicity_detail"]) == list(LISTS[name].values())


def test_a_code_may_stand_before_its_wording(make_wave: WaveMaker) -> None:
    texts: list[object] = ["W1 - White British", "B2: Black African", "Any other Asian background", "M1"]
    sample = read_wave("first", surveys=coded(make_wave, "police-18+1", texts))
    assert list(sample.answers["ethnicity_detail"]) == [
        "British",
        "African",
        "Other Asian",
        "White and Black Caribbean",
    ]


@pytest.mark.parametrize("name", LISTS)
def test_no_wording_stands_under_two_groups_of_a_list(name: str) -> None:
    one = code_lists()[name]
    told: dict[str, str] = {}
    for group in one.answers:
        for text in filter(None, (group.code, *group.wordings)):
            assert told.setdefault(plain(text), group.answer) == group.answer
    assert {group.answer for group in one.answers} <= set(GROUPS)
    assert {group.answer for group in one.answers} | set(one.absent) == set(GROUPS)


@pytest.mark.parametrize("name", ["police-18+1", "police-16+1"])
def test_not_stated_was_asked_and_not_told(make_wave: WaveMaker, name: str) -> None:
    sample = read_wave("first", surveys=coded(make_wave, name, ["NS", "Not stated", "ns - not stated", None]))
    assert list(sample.missing["ethnicity_detail"]) == ["prefer not to say"] * 3 + ["blank"]


def test_the_crosswalk_overrides_a_list_and_adds_to_it(make_wave: WaveMaker) -> None:
    tables = '[ethnicity_detail.answers]\n"W4" = "Roma"\n"M9" = "White and Asian"\n'
    tables += '[ethnicity_detail.missing]\n"NS" = "not asked"\n'
    texts: list[object] = ["W4", "M9", "M9 - Any other Mixed background", "B2", "NS - Not stated"]
    sample = read_wave("first", surveys=coded(make_wave, "police-18+1", texts, tables))
    assert list(sample.answers["ethnicity_detail"])[:4] == ["Roma", "White and Asian", "White and Asian", "African"]
    assert sample.missing["ethnicity_detail"].iloc[4] == "not asked"


@pytest.mark.parametrize(
    ("name", "text"), [("police-16+1", "W3"), ("police-16+1", "O2"), ("police-18+1", "O1"), ("census-2011", "Roma")]
)
def test_codes_of_another_list_are_refused_with_their_count(make_wave: WaveMaker, name: str, text: str) -> None:
    surveys = coded(make_wave, name, [text] * 12)
    with pytest.raises(HarmonisationError, match=rf"'ethnicity_detail', column 'eth': not mapped: '{text}' in 12 rows"):
        read_wave("first", surveys=surveys)
    assert list(unmapped("first", surveys=surveys)["delivered"]) == [text]


@pytest.mark.parametrize("name", LISTS)
def test_what_an_officer_saw_is_refused_with_any_list(make_wave: WaveMaker, name: str) -> None:
    with pytest.raises(HarmonisationError, match="officer-perceived ethnicity"):
        read_wave("first", surveys=coded(make_wave, name, ["IC3", "IC1", next(iter(LISTS[name])), None]))


def test_what_a_list_cannot_tell_is_in_the_audit_and_leaves_the_five_groups_alone(make_wave: WaveMaker) -> None:
    surveys = coded(make_wave, "police-16+1", ["W1", "B1", "O1", "M2"])
    table = audit(["first"], surveys=surveys).set_index("variable")
    told = str(table.loc["ethnicity_detail", "reason"])
    assert "Gypsy or Irish Traveller are likely to be in Other White" in told
    assert "Roma are likely" in told
    assert "Arab are likely to be in Any other" in told
    assert table.loc["ethnicity_detail", "comparable"] == "partial"
    for name in ("ethnicity", "black", "black_heritage"):
        assert (table.loc[name, "comparable"], table.loc[name, "reason"]) == ("full", "")
    assert list(read_wave("first", surveys=surveys).answers["black_heritage"]) == ["no", "yes", "no", "yes"]


@pytest.mark.parametrize(
    ("name", "tables", "comparable"),
    [
        ("census-2021", "", "full"),
        ("police-18+1", "", "partial"),
        ("police-18+1", '[ethnicity_detail.answers]\n"W4" = "Roma"\n', "full"),
        ("census-2011", "", "partial"),
    ],
)
def test_a_list_with_all_groups_compares_in_full(make_wave: WaveMaker, name: str, tables: str, comparable: str) -> None:
    sample = read_wave("first", surveys=coded(make_wave, name, [next(iter(LISTS[name]))] * 4, tables))
    assert sample.codebook["ethnicity_detail"].comparable["first"] == comparable


def test_a_list_needs_a_variable_with_its_groups(make_wave: WaveMaker) -> None:
    edit = {"crosswalk": (f'column = "eth"\n\n{OLD}', 'column = "eth"\ncodes = "census-2021"\n')}
    message = r"crosswalk\.toml:\d+: codes = 'census-2021' is for .* 'ethnicity_detail' has no 'Indian', 'Pakistani'"
    with pytest.raises(DefinitionError, match=message):
        read_wave("first", surveys=make_wave(edit=edit))


def test_an_unknown_list_is_refused_with_those_that_there_are(make_wave: WaveMaker) -> None:
    with pytest.raises(DefinitionError, match=r"'codes' in \[ethnicity_detail\] is 'police-20': .*'police-18\+1'"):
        read_wave("first", surveys=coded(make_wave, "police-20", ["W1"] * 4))


def test_the_community_that_people_name_never_overwrites_their_census_group(make_wave: WaveMaker) -> None:
    surveys = coded(make_wave, "census-2021", ["White: Irish", "African", "Arab", None])
    schema, crosswalk = surveys / "harmonised.toml", surveys / "first" / "crosswalk.toml"
    schema.write_text(schema.read_text("utf-8") + '\n[variables.community]\nkind = "text"\n', "utf-8")
    crosswalk.write_text(crosswalk.read_text("utf-8") + '\n[community]\ncolumn = "own"\n', "utf-8")
    delivered = surveys / "first" / "delivered.csv"
    lines = delivered.read_text("utf-8").splitlines()
    own = ["own", "Somali", "Nigerian", "Somali", "Zimbabwean"]
    delivered.write_text("\n".join(f"{line},{text}" for line, text in zip(lines, own, strict=True)), "utf-8")
    sample = read_wave("first", surveys=surveys)
    assert list(sample.answers["community"]) == own[1:]
    assert list(sample.answers["ethnicity_detail"])[:3] == ["Irish", "African", "Arab"]
    assert list(sample.answers["ethnicity"])[:3] == ["White", "Black", "Other"]
    assert list(sample.answers["black"])[:3] == ["no", "yes", "no"]
    assert sample.missing["ethnicity_detail"].iloc[3] == "blank"
