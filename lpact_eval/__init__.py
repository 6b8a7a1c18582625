"""Did trust and confidence in the police change, and what part did community events play?

Names are listed in the order of the pipeline and loaded when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from lpact_eval.version import VERSION

if TYPE_CHECKING:
    from lpact_eval.comparison.area_change import AreaChange, area_change
    from lpact_eval.comparison.attendance import AttendanceGap, AttendanceGaps, attendance_gap, attendance_gaps
    from lpact_eval.comparison.composition import decompose_change
    from lpact_eval.comparison.dose import AttendanceDose, attendance_dose
    from lpact_eval.comparison.e_value import EValue, e_value
    from lpact_eval.comparison.families import AttendanceItems, attendance_items
    from lpact_eval.comparison.invitation import InvitationGap, invitation_gap
    from lpact_eval.comparison.oaxaca import decompose_index
    from lpact_eval.comparison.robustness import robustness_value
    from lpact_eval.comparison.series import TrendSeries, trend_series
    from lpact_eval.comparison.shrinkage import Shrinkage, shrinkage
    from lpact_eval.comparison.three_way import ThreeWay, three_way
    from lpact_eval.comparison.tipping import participation_tipping_ratio
    from lpact_eval.comparison.waves import WaveChange, wave_change
    from lpact_eval.disclosure.explaining import Explanation, explain
    from lpact_eval.disclosure.published import Published, publish
    from lpact_eval.errors import LpactError, LpactWarning
    from lpact_eval.estimation.combine import combine
    from lpact_eval.estimation.contrast import contrast, difference, relative_change
    from lpact_eval.estimation.dont_know import count_dont_know
    from lpact_eval.estimation.drift import item_drift
    from lpact_eval.estimation.estimate import Estimate
    from lpact_eval.estimation.hypothesis import Test, equivalence_test, noninferiority_test
    from lpact_eval.estimation.imputation import impute
    from lpact_eval.estimation.index import add_index, index
    from lpact_eval.estimation.multiplicity import adjust
    from lpact_eval.estimation.nonresponse import nonresponse
    from lpact_eval.estimation.ordered import cumulative_logits
    from lpact_eval.estimation.participation import doubly_robust, propensity
    from lpact_eval.estimation.pooling import missing_information, pool
    from lpact_eval.estimation.quantile import quantile
    from lpact_eval.estimation.ranks import ordinal_shift, rank_test
    from lpact_eval.estimation.reliability import feldt_interval, reliability
    from lpact_eval.estimation.replicate import replicate, with_replicate_weights
    from lpact_eval.estimation.statistics import distribution, mean, proportion, ratio, total
    from lpact_eval.estimation.tables import independence_test
    from lpact_eval.estimation.wald import trend, trend_test, wald_test
    from lpact_eval.evaluation.contribution import contribution
    from lpact_eval.evaluation.plan import EvaluationPlan, read_plan
    from lpact_eval.evaluation.run import Results, run_plan
    from lpact_eval.evidence.agreement import Agreement, agreement
    from lpact_eval.evidence.reading import read_events
    from lpact_eval.evidence.records import Evidence
    from lpact_eval.evidence.richness import Richness, theme_richness
    from lpact_eval.evidence.suggestions import suggest_codes
    from lpact_eval.evidence.survival import WaitingTime, waiting_time
    from lpact_eval.evidence.templates import write_event_templates
    from lpact_eval.evidence.waiting import waiting_curve
    from lpact_eval.evidence.word_prompts import word_prompts
    from lpact_eval.planning.approach import approaches
    from lpact_eval.planning.assurance import assurance
    from lpact_eval.planning.clusters import clustered_size
    from lpact_eval.planning.cost import Place, Rates, Target, cheapest, cost_sensitivity
    from lpact_eval.planning.difference import precision_of_difference
    from lpact_eval.planning.equivalence import equivalence_size
    from lpact_eval.planning.fieldwork import still_needed
    from lpact_eval.planning.gap import gap_size
    from lpact_eval.planning.interaction import interaction_size
    from lpact_eval.planning.ordinal import ordinal_size
    from lpact_eval.planning.power import Plan, detectable_change, power, respondents_needed
    from lpact_eval.planning.power_curve import PowerCurve
    from lpact_eval.planning.precision import precision
    from lpact_eval.planning.quota import quotas
    from lpact_eval.planning.several import several_items
    from lpact_eval.planning.simulate import simulate_power
    from lpact_eval.planning.simulation_design import SimulationDesign
    from lpact_eval.planning.sites import sites
    from lpact_eval.planning.tally import tally
    from lpact_eval.regression.glm import Fit, regress
    from lpact_eval.regression.margins import comparisons, predictions
    from lpact_eval.reporting.gate import Gate, release_gate
    from lpact_eval.reporting.release import write_release
    from lpact_eval.reporting.release_diff import ReleaseDiff, compare_releases
    from lpact_eval.sample import Design, Sample, Variable, Wave
    from lpact_eval.stacking import stack
    from lpact_eval.waves.audit import audit
    from lpact_eval.waves.benchmarks import read_benchmarks
    from lpact_eval.waves.catalogue import populations
    from lpact_eval.waves.census import read_census
    from lpact_eval.waves.draft import draft_wave
    from lpact_eval.waves.handback import write_harmonised
    from lpact_eval.waves.lookup_proposals import propose_lookup
    from lpact_eval.waves.population import Margin, read_population
    from lpact_eval.waves.reading import read_wave
    from lpact_eval.waves.spreadsheet import crosswalk_from_excel, crosswalk_to_excel, import_crosswalk
    from lpact_eval.weighting.balance import balance
    from lpact_eval.weighting.calibrate import calibrate
    from lpact_eval.weighting.declare import declare_raked
    from lpact_eval.weighting.design_weights import design_weights
    from lpact_eval.weighting.diagnostics import weight_report
    from lpact_eval.weighting.post_stratify import post_stratify
    from lpact_eval.weighting.rake import rake
    from lpact_eval.weighting.report import margin_report, weight_steps
    from lpact_eval.weighting.trim import trim
    from lpact_eval.weighting.unknown import unknown_report

__version__ = VERSION

_HOME = {
    "sample": ("Design", "Sample", "Variable", "Wave"),
    "stacking": ("stack",),
    "waves.reading": ("read_wave",),
    "waves.draft": ("draft_wave",),
    "waves.audit": ("audit",),
    "waves.spreadsheet": ("crosswalk_from_excel", "crosswalk_to_excel", "import_crosswalk"),
    "waves.lookup_proposals": ("propose_lookup",),
    "waves.handback": ("write_harmonised",),
    "waves.population": ("Margin", "read_population"),
    "waves.census": ("read_census",),
    "waves.catalogue": ("populations",),
    "waves.benchmarks": ("read_benchmarks",),
    "weighting.design_weights": ("design_weights",),
    "weighting.rake": ("rake",),
    "weighting.post_stratify": ("post_stratify",),
    "weighting.calibrate": ("calibrate",),
    "weighting.balance": ("balance",),
    "weighting.declare": ("declare_raked",),
    "weighting.trim": ("trim",),
    "weighting.diagnostics": ("weight_report",),
    "weighting.report": ("margin_report", "weight_steps"),
    "weighting.unknown": ("unknown_report",),
    "estimation.participation": ("doubly_robust", "propensity"),
    "estimation.estimate": ("Estimate",),
    "estimation.replicate": ("replicate", "with_replicate_weights"),
    "estimation.statistics": ("distribution", "mean", "proportion", "ratio", "total"),
    "estimation.quantile": ("quantile",),
    "estimation.dont_know": ("count_dont_know",),
    "estimation.nonresponse": ("nonresponse",),
    "estimation.index": ("add_index", "index"),
    "estimation.imputation": ("impute",),
    "estimation.pooling": ("missing_information", "pool"),
    "estimation.reliability": ("feldt_interval", "reliability"),
    "estimation.drift": ("item_drift",),
    "estimation.contrast": ("contrast", "difference", "relative_change"),
    "estimation.combine": ("combine",),
    "estimation.ranks": ("ordinal_shift", "rank_test"),
    "estimation.ordered": ("cumulative_logits",),
    "estimation.tables": ("independence_test",),
    "estimation.wald": ("trend", "trend_test", "wald_test"),
    "estimation.hypothesis": ("Test", "equivalence_test", "noninferiority_test"),
    "estimation.multiplicity": ("adjust",),
    "regression.glm": ("Fit", "regress"),
    "regression.margins": ("comparisons", "predictions"),
    "comparison.composition": ("decompose_change",),
    "comparison.oaxaca": ("decompose_index",),
    "comparison.series": ("TrendSeries", "trend_series"),
    "comparison.waves": ("WaveChange", "wave_change"),
    "comparison.tipping": ("participation_tipping_ratio",),
    "comparison.attendance": ("AttendanceGap", "AttendanceGaps", "attendance_gap", "attendance_gaps"),
    "comparison.dose": ("AttendanceDose", "attendance_dose"),
    "comparison.shrinkage": ("Shrinkage", "shrinkage"),
    "comparison.families": ("AttendanceItems", "attendance_items"),
    "comparison.three_way": ("ThreeWay", "three_way"),
    "comparison.invitation": ("InvitationGap", "invitation_gap"),
    "comparison.area_change": ("AreaChange", "area_change"),
    "comparison.e_value": ("EValue", "e_value"),
    "comparison.robustness": ("robustness_value",),
    "planning.power": ("Plan", "detectable_change", "power", "respondents_needed"),
    "planning.precision": ("precision",),
    "planning.difference": ("precision_of_difference",),
    "planning.gap": ("gap_size",),
    "planning.interaction": ("interaction_size",),
    "planning.clusters": ("clustered_size",),
    "planning.equivalence": ("equivalence_size",),
    "planning.ordinal": ("ordinal_size",),
    "planning.several": ("several_items",),
    "planning.assurance": ("assurance",),
    "planning.quota": ("quotas",),
    "planning.power_curve": ("PowerCurve",),
    "planning.simulate": ("simulate_power",),
    "planning.simulation_design": ("SimulationDesign",),
    "planning.approach": ("approaches",),
    "planning.sites": ("sites",),
    "planning.tally": ("tally",),
    "planning.fieldwork": ("still_needed",),
    "planning.cost": ("Place", "Rates", "Target", "cheapest", "cost_sensitivity"),
    "evidence.templates": ("write_event_templates",),
    "evidence.reading": ("read_events",),
    "evidence.records": ("Evidence",),
    "evidence.agreement": ("Agreement", "agreement"),
    "evidence.richness": ("Richness", "theme_richness"),
    "evidence.survival": ("WaitingTime", "waiting_time"),
    "evidence.waiting": ("waiting_curve",),
    "evidence.suggestions": ("suggest_codes",),
    "evidence.word_prompts": ("word_prompts",),
    "evaluation.contribution": ("contribution",),
    "evaluation.plan": ("EvaluationPlan", "read_plan"),
    "evaluation.run": ("Results", "run_plan"),
    "disclosure.published": ("Published", "publish"),
    "disclosure.explaining": ("Explanation", "explain"),
    "reporting.release": ("write_release",),
    "reporting.gate": ("Gate", "release_gate"),
    "reporting.release_diff": ("ReleaseDiff", "compare_releases"),
    "errors": ("LpactError", "LpactWarning"),
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}

__all__ = [  # noqa: RUF022 - the order of the pipeline, not of the alphabet
    "Design",
    "Sample",
    "Variable",
    "Wave",
    "stack",
    "read_wave",
    "draft_wave",
    "audit",
    "crosswalk_to_excel",
    "crosswalk_from_excel",
    "import_crosswalk",
    "propose_lookup",
    "write_harmonised",
    "Margin",
    "populations",
    "read_population",
    "read_census",
    "read_benchmarks",
    "design_weights",
    "rake",
    "post_stratify",
    "calibrate",
    "balance",
    "declare_raked",
    "trim",
    "propensity",
    "doubly_robust",
    "weight_report",
    "margin_report",
    "weight_steps",
    "unknown_report",
    "replicate",
    "with_replicate_weights",
    "Estimate",
    "distribution",
    "mean",
    "proportion",
    "ratio",
    "total",
    "quantile",
    "count_dont_know",
    "nonresponse",
    "add_index",
    "index",
    "impute",
    "missing_information",
    "pool",
    "feldt_interval",
    "reliability",
    "item_drift",
    "contrast",
    "difference",
    "relative_change",
    "combine",
    "trend",
    "ordinal_shift",
    "cumulative_logits",
    "Test",
    "wald_test",
    "trend_test",
    "independence_test",
    "rank_test",
    "equivalence_test",
    "noninferiority_test",
    "adjust",
    "Fit",
    "regress",
    "comparisons",
    "predictions",
    "WaveChange",
    "wave_change",
    "TrendSeries",
    "trend_series",
    "decompose_change",
    "decompose_index",
    "participation_tipping_ratio",
    "AttendanceGap",
    "AttendanceGaps",
    "attendance_gap",
    "attendance_gaps",
    "AttendanceDose",
    "attendance_dose",
    "AttendanceItems",
    "attendance_items",
    "Shrinkage",
    "shrinkage",
    "ThreeWay",
    "three_way",
    "InvitationGap",
    "invitation_gap",
    "AreaChange",
    "area_change",
    "EValue",
    "e_value",
    "robustness_value",
    "Plan",
    "detectable_change",
    "power",
    "respondents_needed",
    "precision",
    "precision_of_difference",
    "gap_size",
    "interaction_size",
    "clustered_size",
    "equivalence_size",
    "ordinal_size",
    "several_items",
    "assurance",
    "approaches",
    "quotas",
    "PowerCurve",
    "SimulationDesign",
    "simulate_power",
    "sites",
    "tally",
    "still_needed",
    "Place",
    "Rates",
    "Target",
    "cheapest",
    "cost_sensitivity",
    "write_event_templates",
    "read_events",
    "Evidence",
    "Agreement",
    "agreement",
    "Richness",
    "theme_richness",
    "WaitingTime",
    "waiting_time",
    "word_prompts",
    "waiting_curve",
    "suggest_codes",
    "contribution",
    "EvaluationPlan",
    "read_plan",
    "Results",
    "run_plan",
    "Published",
    "publish",
    "write_release",
    "Explanation",
    "explain",
    "ReleaseDiff",
    "compare_releases",
    "Gate",
    "release_gate",
    "LpactError",
    "LpactWarning",
]


def __getattr__(name: str) -> object:
    if name not in _MODULE:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f"{__name__}.{_MODULE[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
