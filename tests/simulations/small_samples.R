# What R survey's defaults make of simulated pairs of waves. Run by small_samples.py: Rscript small_samples.R FOLDER
suppressMessages(library(survey))
folder <- commandArgs(TRUE)[1]
pairs <- read.csv(file.path(folder, "pairs.csv"))
truth <- rep(c(.15, 0), length.out = max(pairs$setting) + 1) # the shares of every second setting are equal
clustered <- rep(rep(c(FALSE, TRUE, TRUE), each = 2), length.out = max(pairs$setting) + 1)
one <- function(frame, sites, change) {
  design <- if (sites) svydesign(ids = ~site, strata = ~wave, weights = ~w, data = frame, nest = TRUE) else svydesign(ids = ~1, strata = ~wave, weights = ~w, data = frame)
  levels <- svyby(~y, ~wave, design, svymean, covmat = TRUE)
  difference <- svycontrast(levels, c(-1, 1))
  interval <- confint(difference) # R's default: normal quantile
  fit <- try(svyglm(y ~ factor(wave), design), silent = TRUE)
  p <- if (inherits(fit, "try-error")) NA else summary(fit)$coefficients[2, 4]
  c(covered = interval[1] <= change & change <= interval[2], alarm = interval[1] > 0 | interval[2] < 0, alarm_glm = p < .05, width = interval[2] - interval[1])
}
rows <- lapply(split(pairs, pairs$setting), function(all) {
  number <- all$setting[1] + 1
  found <- t(sapply(split(all, all$pair), one, sites = clustered[number], change = truth[number]))
  data.frame(setting = number - 1, pairs = nrow(found), coverage = mean(found[, 1], na.rm = TRUE), false_alarms = if (truth[number] == 0) mean(found[, 2], na.rm = TRUE) else NA,
             false_alarms_svyglm = if (truth[number] == 0) mean(found[, 3], na.rm = TRUE) else NA, width = mean(found[, 4], na.rm = TRUE))
})
write.csv(do.call(rbind, rows), file.path(folder, "r.csv"), row.names = FALSE)
