"""Is the sample going to be enough? What the next survey can show, before anyone is asked."""

import math

import lpact_eval as lp

ITEM, CONFIDENT = "conf_overall", ["strongly agree", "tend to agree"]
GROUP = "Black"

population = lp.read_population("leicestershire-2021-by-ethnicity")

first = lp.rake(lp.read_wave("2022"), population, within="ethnicity", collapse=20)
shares = lp.proportion(first, ITEM, CONFIDENT, by="ethnicity").to_frame().set_index("ethnicity")
baseline, n_effective = float(shares["estimate"][GROUP]), float(shares["n_effective"][GROUP])
df = float(shares["df"][GROUP])

print(lp.detectable_change(baseline=baseline, n_first=n_effective, n_second=100, df=df).sentence)
print(lp.detectable_change(baseline=baseline, n_first=n_effective, n_second=math.inf, df=df).sentence)
print(lp.respondents_needed(baseline=baseline, change=0.10, first_wave=n_effective, df_first=df).sentence)
print(lp.precision(proportion=baseline, half_width=0.10, design_effect=1.3).sentence)

persons = {"Asian": 218_679, "Black": 37_231, "Mixed": 30_185, "White": 812_992, "Other": 22_898}
print(lp.quotas(450, persons, floors={GROUP: 150}))
print(lp.approaches(150, response=0.25, share=0.35).sentence)
