"""Did confidence in the police change between the two surveys, by ethnic group?"""

import lpact_eval as lp

ITEM, CONFIDENT = "conf_overall", ["strongly agree", "tend to agree"]
population = lp.read_population("leicestershire-2021-by-ethnicity")

waves = [lp.rake(lp.read_wave(name), population, within="ethnicity", collapse=20) for name in ("2022", "rerun")]
sample = lp.stack(waves)
change = lp.wave_change(sample, ITEM, CONFIDENT, level="rerun", minus="2022", by="ethnicity")

print(change.levels.to_frame()[["wave", "ethnicity", "estimate", "conf_low", "conf_high", "n", "n_effective"]])
print(change.estimate.to_frame()[["ethnicity", "estimate", "conf_low", "conf_high", "refused"]])
print(change.test)
print(*dict.fromkeys(filter(None, change.flags)), sep="\n")
