"""The release: page with the confidence trend by ethnic group, workbook and csv, from the evaluation plan."""

from pathlib import Path

import lpact_eval as lp

PLAN = Path(__file__).with_name("evaluation-plan.toml")
RELEASE = Path("reports", "outputs", "confidence-trend")

results = lp.run_plan(lp.read_plan(PLAN))
published = lp.publish(results)
files = lp.write_release(published, RELEASE)

print(*files, sep="\n")
