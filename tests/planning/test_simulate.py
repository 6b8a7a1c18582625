"""What a simulation promises: it equals the formula where that holds, and nothing outside the design moves it."""

from __future__ import annotations

import json
import math
import pickle
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.errors import WrongUseError
from lpact_eval.planning.chunk_cache import ChunkCache
from lpact_eval.planning.draws import site_shares
from lpact_eval.planning.first_file import EVERYBODY
from lpact_eval.planning.made_up import made_up_first
from lpact_eval.planning.scenario import scenarios_of

if TYPE_CHECKING:
    from pathlib import Path

AGES = {"age": {"young": 400, "old": 600}}
REACHED = {"age": {"young": 0.25, "old": 0.75}}


def run(design: lp.SimulationDesign, repetitions: int = 500, **options: object) -> lp.PowerCurve:
    """Simulate in this process."""
    return lp.simulate_power(design, **{"repetitions": repetitions, "seed": 11, "backend": "sequential", **options})


def plain(**changed: object) -> lp.SimulationDesign:
    """Suppose two waves of equal weights, without sites."""
    return lp.SimulationDesign.from_shares(**{"baseline": 0.5, "n_first": 400, "n_second": [600], **changed})


def frame(n: int = 120) -> pd.DataFrame:
    """First wave of two groups at twelve sites; one group is too small to tell of."""
    rng = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "group": pd.Categorical(np.where(np.arange(n) < 8, "few", "many"), ["many", "few"]),
            "good": pd.Categorical(np.where(rng.random(n) < 0.4, "yes", "no"), ["yes", "no"]),
            "age": pd.Categorical(np.where(rng.random(n) < 0.3, "young", "old"), ["young", "old"]),
            "site": rng.integers(0, 12, n),
        }
    )


def from_frame(**changed: object) -> lp.SimulationDesign:
    """Take the first wave of `frame`."""
    sample = lp.Sample.from_frame(frame(), psu="site")
    return lp.SimulationDesign.from_wave(sample, "good", "yes", **{"by": "group", "n_second": [150], **changed})


def test_without_weights_and_sites_simulation_equals_the_formula() -> None:
    points = run(plain(changes=[0.0, 0.06, 0.1]), 1_000).points
    for point in points:
        shown = point.power if point.change else point.false_alarms
        formula = lp.power(baseline=0.5, change=point.change or 1e-9, n_first=400, n_second=600, df=point.df).power
        assert abs(shown - formula) <= 3 * point.error
        assert abs(point.coverage - 0.95) <= 3 * point.coverage_error
        assert abs(point.bias) <= 3 * point.bias_error
        assert (point.n_answers, point.n_effective_second) == (600, pytest.approx(600, rel=0.01))


def test_weights_cost_what_their_design_effect_says() -> None:
    point = run(plain(changes=[0.1], design_effect=1.5), 1_000).points[0]
    formula = lp.power(baseline=0.5, change=0.1, n_first=400, n_second=600, design_effect=1.5, df=point.df).power
    assert abs(point.power - formula) <= 3 * point.error
    assert point.n_effective_first == pytest.approx(400 / 1.5, rel=0.05)


def test_nothing_is_shown_too_often_where_nothing_changed_and_sites_are_alike_inside() -> None:
    design = plain(n_first=200, n_second=[300], changes=[0.0], sites=(20, 25), icc=0.1)
    point = run(design, 1_000).points[0]
    assert math.isnan(point.power)
    assert point.false_alarms <= 0.05 + 3 * point.error
    assert point.naive > 0.1  # ignoring sites


def test_power_rises_with_the_second_wave() -> None:
    shown = run(plain(n_first=300, n_second=[60, 200, 800], changes=[0.12])).line(EVERYBODY, 0.12)
    assert list(shown["n_second"]) == [60, 200, 800]
    assert (shown["low"].to_numpy()[1:] > shown["high"].to_numpy()[:-1]).all()


def test_a_wave_raked_to_other_margins_still_finds_the_true_change() -> None:
    design = plain(n_first=300, changes=[0.1], margins=AGES, reached=REACHED, response=0.8, missing=0.1)
    point = run(design).points[0]
    assert abs(point.bias) <= 3 * point.bias_error
    assert point.n_answers == pytest.approx(600 * 0.8 * 0.9, rel=0.01)


def test_the_actual_wave_tilted_and_raked_has_the_changed_share() -> None:
    """A wave of 4,000 people has next to no chance in it: its estimate is the truth that it was drawn from."""
    design = from_frame(group="many", n_second=[4_000], changes=[0.2], margins=AGES, within=None, icc=0.0)
    for redraw in ("nothing", "answers"):
        point = run(design.redrawing(redraw), 250).points[0]
        assert abs(point.bias) <= 3 * point.bias_error + 1e-12


def test_people_who_take_part_because_they_are_confident_look_like_a_change() -> None:
    point = run(plain(changes=[0.0], response=(0.5, 0.8))).points[0]
    expected = 0.5 * 0.8 / (0.5 * 0.8 + 0.5 * 0.5) - 0.5
    assert abs(point.bias - expected) <= 3 * point.bias_error
    assert point.false_alarms > 0.5


def test_every_backend_and_size_of_chunk_gives_the_same_numbers() -> None:
    design = from_frame(changes=[0.0, 0.2], margins=AGES, redraw="respondents")
    wanted = run(design, 600).to_json()
    assert run(design, 600, chunk=250).to_json() == wanted
    assert run(design, 600, backend="threading", workers=2).to_json() == wanted
    assert run(design, 600, backend="loky", workers=2, chunk=250).to_json() == wanted
    assert run(design, 600, backend="multiprocessing", workers=1, chunk=250).to_json() == wanted
    assert run(design, 600, seed=12).to_json() != wanted


def test_workers_are_sent_no_answers_but_those_to_the_question() -> None:
    design = from_frame(changes=[0.2], margins=AGES)
    scenario = scenarios_of(design)[0]
    sent = pickle.dumps(scenario)
    assert design.first.sample.answers.shape == (120, 2)
    assert pickle.loads(sent).first.sample.answers.shape == (120, 0)  # noqa: S301 - our own
    assert pickle.loads(sent).digest() == scenario.digest()  # noqa: S301 - our own


def test_a_scenario_does_not_hang_on_what_else_is_asked() -> None:
    alone = run(plain(changes=[0.1])).points[0]
    assert alone in run(plain(n_second=[100, 600], changes=[0.0, 0.1])).points


def test_a_cluster_gives_the_same_numbers() -> None:
    distributed = pytest.importorskip("distributed")
    design = from_frame(changes=[0.2])
    with distributed.Client(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None):
        assert run(design, backend="dask").to_json() == run(design).to_json()


def test_finished_chunks_are_taken_over_and_damaged_ones_made_again(tmp_path: Path) -> None:
    design = plain(changes=[0.1])
    wanted = run(design, 750).to_json()
    assert run(design, 500, cache=tmp_path, chunk=250).to_json() != wanted
    files = sorted(tmp_path.rglob("*.chunk"))
    before = [file.stat().st_mtime_ns for file in files]
    assert run(design, 750, cache=tmp_path, chunk=250).to_json() == wanted
    assert [file.stat().st_mtime_ns for file in files] == before
    assert len(sorted(tmp_path.rglob("*"))) == 4  # a folder and three chunks, nothing left over
    content = files[0].read_bytes()
    for damaged in (content[:100], b"", content[:-1] + bytes([content[-1] ^ 1]), files[1].read_bytes()[::-1]):
        files[0].write_bytes(damaged)
        assert run(design, 750, cache=tmp_path, chunk=250).to_json() == wanted
        assert files[0].read_bytes()[:32] == content[:32]


def test_a_chunk_that_can_not_be_put_in_its_place_leaves_nothing_behind(tmp_path: Path) -> None:
    run(plain(changes=[0.1]), 250, cache=tmp_path)
    file = next(iter(tmp_path.rglob("*.chunk")))
    file.unlink()
    file.mkdir()
    (file / "in the way").touch()
    with pytest.raises(OSError, match="chunk"):
        run(plain(changes=[0.1]), 250, cache=tmp_path)
    assert not list(tmp_path.rglob("*.part"))


def test_a_chunk_of_another_seed_is_not_taken_over(tmp_path: Path) -> None:
    design = plain(changes=[0.1])
    run(design, 250, cache=tmp_path)
    assert run(design, 250, cache=tmp_path, seed=12).to_json() == run(design, 250, seed=12).to_json()


def test_the_cache_holds_counts_and_sums_only(tmp_path: Path) -> None:
    run(from_frame(changes=[0.2]), 250, cache=tmp_path)
    file = next(iter(tmp_path.rglob("*.chunk")))
    tally = ChunkCache(tmp_path).load(file.parent.name, 0, (250,), 1)
    assert tally is not None
    assert (tally.sums.shape, tally.widths.sum()) == ((1, 1, 12), 250 - tally.sums[0, 0, 1])


KILLED = """
import sys
import lpact_eval as lp
design = lp.SimulationDesign.from_shares(0.5, n_first=400, n_second=[600], changes=[0.0, 0.1])
lp.simulate_power(design, repetitions=1500, seed=11, backend=sys.argv[2], workers=1, cache=sys.argv[1], chunk=250)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is not there")
@pytest.mark.parametrize(("backend", "finished"), [("sequential", 1), ("loky", 4)])
def test_a_run_killed_at_any_moment_resumes_to_the_same_numbers(tmp_path: Path, backend: str, finished: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path), backend])
    deadline = time.monotonic() + 60
    while len(list(tmp_path.rglob("*.chunk"))) < finished and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    design = plain(changes=[0.0, 0.1])
    assert list(tmp_path.rglob("*.chunk"))
    assert run(design, 1_500, cache=tmp_path, chunk=250).to_json() == run(design, 1_500).to_json()


def test_a_group_of_few_is_refused_and_nothing_is_told_of_it() -> None:
    curve = run(from_frame(changes=[0.2]))
    few = next(point for point in curve.points if point.group == "few")
    assert few.refused == "fewer than 10 answers in the first wave"
    assert (few.n_first, few.n_second) == (0, 0)
    assert math.isnan(few.baseline)
    assert "few: not simulated, fewer than 10 answers" in curve.sentence
    assert "missing, few" not in curve.assumptions


def test_where_every_group_is_small_nothing_is_simulated() -> None:
    curve = run(from_frame(group="few", n_second=[100]))
    assert {point.refused for point in curve.points} == {"fewer than 10 answers in the first wave"}


def test_a_change_that_leaves_no_share_is_refused() -> None:
    point = run(plain(baseline=0.9, changes=[0.2])).points[0]
    assert point.refused == "the share would not lie between 0 and 1"
    assert math.isnan(point.power)


def test_what_would_not_be_published_shows_nothing() -> None:
    curve = run(plain(n_first=14, n_second=[400], changes=[0.4]))
    assert (curve.points[0].refused_share, curve.points[0].power) == (1.0, 0.0)
    assert "would rest on too few answers or recruitment sites to be published" in curve.sentence


def test_beside_a_file_taken_as_it_is_false_alarms_and_coverage_have_no_meaning() -> None:
    still, moved = run(from_frame(group="many", changes=[0.0, 0.3], redraw="nothing")).points
    assert all(math.isnan(number) for number in (still.false_alarms, still.coverage, moved.coverage, still.error))
    assert 0 < moved.power <= 1


def test_a_curve_reads_as_table_json_and_sentence() -> None:
    curve = run(plain(changes=[0.0, 0.02, 0.2]))
    table = curve.to_frame()
    assert list(table.columns[:6]) == ["group", "n_first", "n_second", "baseline", "change", "power"]
    told = json.loads(curve.to_json())
    assert told["points"][0]["power"] is None
    assert told["points"][2]["power"] == curve.points[2].power
    assert told["assumptions"]["icc"] == 0
    assert curve.sentence.startswith(
        "All respondents, 400 respondents in the first wave: the smallest simulated change that is shown in 80% of "
        "surveys or more is a rise of 20.0 points from 50% to 70%, with 600 people asked (100% of 500 simulated surveys"
    )
    assert "Where nothing changed" in curve.sentence
    assert curve.sentence in repr(curve)
    assert "no simulated wave shows any simulated change in 80% of surveys" in run(plain(changes=[0.02])).sentence
    with pytest.raises(WrongUseError, match="was not simulated"):
        curve.line(EVERYBODY, 0.3)


def test_nobody_is_shown_a_bar_without_a_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    run(plain(changes=[0.1]))
    assert capfd.readouterr() == ("", "")
    run(plain(changes=[0.1]), progress=True)
    assert "500/500" in capfd.readouterr().err


@pytest.mark.parametrize("effect", [1.2, 2.0, 3.5])
def test_made_up_weights_have_the_design_effect(effect: float) -> None:
    first = made_up_first(
        {"all": 0.3}, {"all": 100}, design_effect=effect, reached={}, margins=None, within=None, sites=None
    )
    mass, weight = first.chance, first.start
    assert mass @ weight**2 * mass.sum() / (mass @ weight) ** 2 == pytest.approx(effect, rel=1e-9)
    assert mass @ (weight * first.answer) / (mass @ weight) == pytest.approx(0.3)
    assert mass.sum() == pytest.approx(100)


def test_site_shares_have_the_mean_and_the_correlation() -> None:
    """Var(share of a site) = p (1 - p) x ICC."""
    shares = site_shares(0.3, 0.1, (20_000, 1), np.random.default_rng(1))
    assert shares.mean() == pytest.approx(0.3, abs=3 * math.sqrt(0.021 / 20_000))
    assert shares.var() == pytest.approx(0.021, rel=0.05)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"redraw": "all"}, "redraw='all'"),
        ({"within": "age", "margins": AGES}, "groups are by 'group'"),
        ({"group": "none"}, "has respondents in 2 other groups"),
        ({"changes": [1.5]}, "change=1.5"),
        ({"changes": []}, "at least one change"),
        ({"n_second": [{"none": 5}]}, r"groups are \['many', 'few'\]"),
        ({"n_second": [2]}, "some would have nobody"),
        ({"n_second": [90_000]}, "5,000 is the most"),
        ({"response": 0}, "response"),
        ({"missing": 1}, "missing=1"),
        ({"icc": 1}, "icc=1"),
        ({"level": 1}, "level=1"),
    ],
)
def test_a_design_that_can_not_be_is_refused(changed: dict[str, object], message: str) -> None:
    with pytest.raises(WrongUseError, match=message):
        from_frame(**changed)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"icc": 0.1}, "no recruitment sites"),
        ({"design_effect": 9}, "4 is the most"),
        ({"baseline": {"a": 0.5}}, "give the same"),
        ({"margins": AGES, "reached": {"sex": {"f": 1}}}, "no margin is about it"),
        ({"margins": AGES, "reached": {"age": {"old": -1, "young": 2}}}, "shares are 0 or more"),
        ({"margins": {("age", "sex"): {("old", "f"): 1}}}, "no margin is of it alone"),
    ],
)
def test_a_made_up_wave_that_can_not_be_is_refused(changed: dict[str, object], message: str) -> None:
    with pytest.raises(WrongUseError, match=message):
        plain(**changed)


def test_a_made_up_wave_has_nobody_to_keep() -> None:
    with pytest.raises(WrongUseError, match="no respondents to keep"):
        plain().redrawing("answers")


def test_a_share_that_no_population_with_the_margins_has_is_refused() -> None:
    """All of the young say no, and they are 60 per cent of the population: 40 per cent is the most."""
    data = frame()
    data.loc[data["age"] == "young", "good"] = "no"
    margins = {"age": {"young": 60, "old": 40}}
    options = {"n_second": [100], "changes": [0.3], "margins": margins}
    design = lp.SimulationDesign.from_wave(lp.Sample.from_frame(data), "good", "yes", **options)
    with pytest.raises(WrongUseError, match="no population like the first wave's has the margins"):
        run(design)


def test_a_run_that_can_not_be_is_refused() -> None:
    with pytest.raises(WrongUseError, match="repetitions=50"):
        run(plain(), 50)
    with pytest.raises(WrongUseError, match="backend 'none'"):
        run(plain(changes=[0.1]), backend="none")
