"""Every key of a TOML file has a line."""

import string
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ConfigDict

from lpact_eval.errors import DefinitionError
from lpact_eval.waves.located import near, nearest, read_toml, validated

TEXT = '''# a comment with [brackets] and = signs
title = "one = two [x]"
long = """
[not.a.table]
key = "inside a long text"
"""
list = [
  "[also.no.table]",
  ["nested"],
]

["quoted table".'and part']
"a key" = 1
.dotted = 2

[[indicators]]
id = "first"

[[indicators]]
id = "second"

[indicators.rule]
kind = "holm"
'''.replace(".dotted", "a.dotted")


def test_tables_keys_and_list_elements_are_found_on_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "some.toml"
    path.write_text(TEXT, encoding="utf-8")
    located = read_toml(path)
    assert located.line("title") == 2
    assert located.line("long") == 3
    assert located.line("list") == 7
    assert located.line("quoted table", "and part") == 12
    assert located.line("quoted table", "and part", "a key") == 13
    assert located.line("quoted table", "and part", "a", "dotted") == 14
    assert located.line("indicators", 1, "id") == 20
    assert located.line("indicators", 1, "rule", "kind") == 23
    assert located.line("indicators", 0, "absent") == 16
    assert ("not", "a", "table") not in located.lines
    assert located.line("nothing") == 1


@given(st.lists(st.text(string.ascii_lowercase, min_size=1), unique=True, min_size=1, max_size=20))
def test_plain_keys_stand_on_the_line_they_were_written_on(
    tmp_path_factory: pytest.TempPathFactory, keys: list[str]
) -> None:
    path = tmp_path_factory.mktemp("keys") / "keys.toml"
    path.write_text("".join(f"{key} = [\n]\n" for key in keys), encoding="utf-8")
    located = read_toml(path)
    assert [located.line(key) for key in keys] == [2 * place + 1 for place in range(len(keys))]


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "some.toml"
    path.write_bytes('title = "café"'.encode("cp1252"))
    with pytest.raises(DefinitionError, match=r"some\.toml: UnicodeDecodeError\. Save it as plain text in UTF-8"):
        read_toml(path)


def test_a_table_given_twice_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "some.toml"
    path.write_text("[a]\nx = 1\n[a]\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"some\.toml:3: this table is given twice"):
        read_toml(path)


@pytest.mark.parametrize("written", [r"C:\Users\anna\wave.sav", r"\\server\x\wave.sav", r"data\wave.sav"])
def test_a_path_with_backslashes_is_told_what_to_write(tmp_path: Path, written: str) -> None:
    path = tmp_path / "some.toml"
    path.write_text(f'title = "x"\nfile = "{written}"\n', encoding="utf-8")
    with pytest.raises(
        DefinitionError, match=r"some\.toml:2: .*forward slashes, as in 'C:/Users', or in single quotes"
    ):
        read_toml(path)
    for advised in (f'"{written.replace(chr(92), "/")}"', f"'{written}'"):
        path.write_text(f"file = {advised}\n", encoding="utf-8")
        assert "wave.sav" in str(read_toml(path).data["file"])


def test_advice_on_backslashes_is_kept_for_lines_that_have_one(tmp_path: Path) -> None:
    path = tmp_path / "some.toml"
    path.write_text("file = 'C:\\Users'\ntitle = x\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"some\.toml:2: .*Texts stand in double quotes"):
        read_toml(path)


def test_the_nearest_word_is_suggested_and_else_the_words_are_listed() -> None:
    assert nearest("colum", ["column", "range"]) == "did you mean 'column'?"
    assert nearest("zzz", ["column", "range"]) == "allowed are 'column', 'range'."
    assert nearest("zzz", []) == "none is allowed here."
    assert near("Q1x", ["Q1", "Q10", "weight"]) == ["Q1", "Q10"]


@dataclass(frozen=True)
class Rule:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    kind: str = ""
    limits: tuple[int, ...] = ()


@dataclass(frozen=True)
class Plan:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    rules: tuple[Rule, ...]
    named: dict[str, Rule] = field(default_factory=dict)
    best: Rule | None = None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rules]]\n[[rules]]\nkinde = 'a'", r"x\.toml:3: unknown key 'kinde' in \[rules\.1\]; did you mean 'kind'\?"),
        (
            "rules = []\n[named.one]\nlimit = [1]",
            r"x\.toml:3: unknown key 'limit' in \[named\.one\]; did you mean 'limits'",
        ),
        ("rules = []\n[best]\nkin = 'a'", r"x\.toml:3: unknown key 'kin' in \[best\]; did you mean 'kind'\?"),
        (
            "rules = []\nbest = { xxxxx = 1 }",
            r"x\.toml:2: unknown key 'xxxxx' in \[best\]; allowed are 'kind', 'limits'\.",
        ),
        ("named = {}", r"x\.toml:1: 'rules' is missing; add it\."),
        ('rules = []\n["best"]\n"lim\\u0069ts" = ["a"]', r"x\.toml:3: 0 in \[best\.limits\] is 'a'"),
        ("rules = []\n['best']\n'limits' = {}", r"x\.toml:3: 'limits' in \[best\] is a table"),
        ("rules = [" + "{ a = 1 }, " * 12 + "]", r"\.\.\. and 2 more\."),
    ],
)
def test_a_wrong_key_is_named_with_its_table_and_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError, match=message):
        validated(Plan, read_toml(path))


def test_a_right_file_becomes_its_dataclass(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text('[[rules]]\nkind = "one"\nlimits = [1, 2]', encoding="utf-8")
    assert validated(Plan, read_toml(path)) == Plan((Rule("one", (1, 2)),))
