"""Do people who came to the events answer differently from comparable people who did not, by ethnic group?

For the analyst: small groups are not cleared. What may be read outside comes from `lpact-eval run`.
"""

import lpact_eval as lp

ITEM, CONFIDENT = "conf_overall", ["strongly agree", "tend to agree"]
ADJUSTERS = ["age_band", "sex", "area_group", "contact_12m", "stopped_12m"]
SHOWN = ["method", "ethnicity", "estimate", "conf_low", "conf_high", "refused"]
population = lp.read_population("leicestershire-2021-by-ethnicity")

rerun = lp.rake(lp.read_wave("rerun"), population, within="ethnicity", collapse=20)
gaps = lp.attendance_gaps(
    rerun, ITEM, CONFIDENT, attended="attended", adjust=ADJUSTERS, by="ethnicity", methods=["regression", "overlap"]
)
first = gaps.gaps[0]
strength = first.sensitivity[first.sensitivity["ethnicity"] == "Black"]

print(first.estimand)
print(gaps.to_frame()[SHOWN].to_string())
print("\nHow strong an unmeasured reason would have to be, Black respondents:")
print(*dict.fromkeys(strength["reading"]), sep="\n")
print("\n" + "\n".join(dict.fromkeys(filter(None, first.flags))))
print(first.not_shown)
