"""Do people who came to the events answer differently from comparable people who did not, by ethnic group?"""

import lpact_eval as lp

ITEM, CONFIDENT = "conf_overall", ["strongly agree", "tend to agree"]
ADJUSTERS = ["age_band", "sex", "area_group", "contact_12m", "stopped_12m"]
SHOWN = ["ethnicity", "estimate", "conf_low", "conf_high", "refused"]
population = lp.read_population("leicestershire-2021-by-ethnicity")

rerun = lp.rake(lp.read_wave("rerun"), population, within="ethnicity", collapse=10)
gap = lp.attendance_gap(rerun, ITEM, CONFIDENT, attended="attended", adjust=ADJUSTERS, by="ethnicity")
second = lp.attendance_gap(
    rerun, ITEM, CONFIDENT, attended="attended", adjust=ADJUSTERS, by="ethnicity", method="overlap"
)

print(gap.estimand)
print(gap.estimate.to_frame()[SHOWN])
print(second.estimand)
print(second.estimate.to_frame()[SHOWN])
print(gap.balance)
print(gap.sensitivity[["ethnicity", "measure", "covariate", "value"]])
print(*dict.fromkeys(gap.sensitivity["reading"]), sep="\n")
print(*dict.fromkeys(filter(None, gap.flags)), sep="\n")
print(gap.not_shown)
