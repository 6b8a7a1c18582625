from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lpact_eval.disclosure.published import publish
from lpact_eval.reporting.rows import Row, rows_of
from lpact_eval.reporting.sentences import Sentences, read_sentences
from lpact_eval.resources import templates_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from lpact_eval.disclosure.published import Published


def load_example(file: str = "example") -> ModuleType:
    """Load the hand-made results; tests are not a package, so by path."""
    name = f"reporting_{file}"
    if name not in sys.modules:
        path = Path(__file__).parent / f"{file}.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def example() -> ModuleType:
    return load_example()


@pytest.fixture(scope="session")
def published(example: ModuleType) -> Published:
    return publish(example.results())


@pytest.fixture(scope="session")
def published_large(example: ModuleType) -> Published:
    return publish(example.results(times=40))


@pytest.fixture(scope="session")
def attended(published: Published) -> Published:
    return load_example("attended").attended(published)


@pytest.fixture(scope="session")
def attended_large(published_large: Published) -> Published:
    return load_example("attended").attended(published_large)


@pytest.fixture(scope="session")
def record_example() -> ModuleType:
    module = load_example("record_example")
    module.stand_in()
    return module


@pytest.fixture(scope="session")
def sentences() -> Sentences:
    return read_sentences(templates_folder())


@pytest.fixture
def changed(published: Published) -> Callable[..., Row]:
    """The Black respondents' change in confidence, with other values."""
    found = next(
        row
        for row in rows_of(published)
        if (row.variable, row.measure, row.group) == ("conf_overall", "change", "Black")
    )

    def make(**values: object) -> Row:
        return replace(found, **values)  # pyright: ignore[reportArgumentType] - any field of a row

    return make
