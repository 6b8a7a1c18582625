# Weights and standard errors of R survey: rake, calibrate (linear, raking, logit, with bounds), postStratify, trimWeights,
# and entropy balancing, which is calibrate(calfun = "raking") to the moments of another wave.
# Run from this folder: Rscript make.R. Writes data.csv, population.csv, weights.csv, expected.csv.
suppressMessages(library(survey))
options(digits = 15)
VERSIONS <- sprintf("# R %s survey %s", getRversion(), packageVersion("survey"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}

# ---- a made-up survey of two waves: strata of PSUs, weights near the population's size, margins that hang together
set.seed(20215)
PERSONS <- 4200
d <- do.call(rbind, lapply(1:5, function(s) do.call(rbind, lapply(1:8, function(p) data.frame(stratum = s, psu = 100 * s + p, row = seq_len(sample(5:9, 1)))))))
n <- nrow(d)
d$sex <- sample(c("Female", "Male"), n, TRUE, c(.6, .4))
d$age_band <- ifelse(d$psu %% 2 == 0, sample(c("16-34", "35-54", "55+"), n, TRUE, c(.2, .3, .5)), sample(c("16-34", "35-54", "55+"), n, TRUE, c(.4, .4, .2)))
d$area <- ifelse(d$stratum <= 2, sample(c("City", "County", "Rural"), n, TRUE, c(.7, .2, .1)), sample(c("City", "County", "Rural"), n, TRUE, c(.2, .5, .3)))
d$wave <- ifelse(d$psu %% 3 == 0, "first", "second")
d$hours <- round(rgamma(n, 2, 1) * ifelse(d$sex == "Male", 5, 4), 2)
d$score <- round(3 + .8 * (d$age_band == "55+") - .5 * (d$area == "City") + .1 * d$hours + rnorm(n), 4)
d$contacts <- rpois(n, 2) + 1
d$weight <- round(exp(rnorm(n, 0, .4)), 4)
d$weight <- round(d$weight / sum(d$weight) * PERSONS * .97, 4)
d$row <- NULL
write_table(d, "data.csv", 15)

shares <- list(sex = c(Female = .52, Male = .48), age_band = c("16-34" = .33, "35-54" = .34, "55+" = .33), area = c(City = .40, County = .38, Rural = .22))
HOURS <- 38500
joint <- expand.grid(sex = names(shares$sex), age_band = names(shares$age_band), stringsAsFactors = FALSE)
joint$Freq <- round(PERSONS * shares$sex[joint$sex] * shares$age_band[joint$age_band] * c(1.1, .9, .95, 1.05, .95, 1.05), 1)
population <- rbind(
  do.call(rbind, lapply(names(shares), function(v) data.frame(variable = v, category = names(shares[[v]]), second = NA, persons = as.vector(shares[[v]]) * PERSONS))),
  data.frame(variable = "hours", category = NA, second = NA, persons = HOURS),
  data.frame(variable = "sex and age_band", category = joint$sex, second = joint$age_band, persons = joint$Freq))
write_table(population, "population.csv", 15)

counts <- function(v) setNames(shares[[v]][-1] * PERSONS, paste0(v, names(shares[[v]])[-1]))
margins <- c("(Intercept)" = PERSONS, counts("sex"), counts("age_band"), counts("area"))
with_hours <- c(margins, hours = HOURS)
tight <- list(epsilon = 1e-12, maxit = 2000)
calibrated <- function(design, formula, totals, ...) calibrate(design, formula, totals, epsilon = tight$epsilon, maxit = tight$maxit, ...)
FACTORS <- ~sex + age_band + area
BOTH <- ~sex + age_band + area + hours
CASES <- list(
  rake = function(design) calibrated(design, FACTORS, margins, calfun = "raking"),
  linear = function(design) calibrated(design, BOTH, with_hours),
  linear_bounded = function(design) calibrated(design, BOTH, with_hours, bounds = c(.75, 1.35)),
  raking = function(design) calibrated(design, BOTH, with_hours, calfun = "raking"),
  raking_bounded = function(design) calibrated(design, BOTH, with_hours, calfun = "raking", bounds = c(.75, 1.35)),
  logit = function(design) calibrated(design, BOTH, with_hours, calfun = "logit", bounds = c(.7, 1.5)),
  numbers = function(design) calibrated(design, ~hours + contacts - 1, c(hours = HOURS, contacts = 12800)),
  post_stratify = function(design) postStratify(design, ~sex + age_band, joint),
  trim = function(design) { raked <- CASES$rake(design); trimWeights(raked, lower = .5 * mean(weights(raked)), upper = 1.6 * mean(weights(raked))) },
  trim_strict = function(design) { raked <- CASES$rake(design); trimWeights(raked, lower = .5 * mean(weights(raked)), upper = 1.6 * mean(weights(raked)), strict = TRUE) },
  trim_alone = function(design) trimWeights(design, upper = 1.5 * mean(weights(design)), strict = TRUE))
# rake() stops at a tolerance of its own; run to the end it gives the weights of calibrate(calfun = "raking")
by_rake <- function(design) rake(design, lapply(names(shares), reformulate), lapply(names(shares), function(v) setNames(data.frame(names(shares[[v]]), as.vector(shares[[v]]) * PERSONS), c(v, "Freq"))), control = list(maxit = 20000, epsilon = 1e-9, verbose = FALSE))
DESIGNS <- list(simple = svydesign(ids = ~1, weights = ~weight, data = d), clustered = svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = d, nest = TRUE))

statistics <- function(case, kind, design) {
  row <- function(statistic, value, se) data.frame(case = case, design = kind, statistic = statistic, estimate = as.vector(value), std_error = as.vector(se))
  one <- function(statistic, found) row(statistic, coef(found), SE(found))
  domain <- svyby(~score, ~sex, design, svymean)
  rbind(one("mean", svymean(~score, design)), one("total", svytotal(~score, design)),
    row(paste0("mean in ", domain$sex), domain$score, SE(domain)), one("ratio", svyratio(~score, ~contacts, design)))
}
weighted <- NULL
expected <- NULL
for (case in names(CASES)) for (kind in names(DESIGNS)) {
  design <- CASES[[case]](DESIGNS[[kind]])
  if (kind == "simple") weighted <- rbind(weighted, data.frame(case = case, row = seq_len(n), weight = weights(design)))
  expected <- rbind(expected, statistics(case, kind, design))
}
stopifnot(max(abs(weights(by_rake(DESIGNS$simple)) / weights(CASES$rake(DESIGNS$simple)) - 1)) < 1e-9)

# ---- entropy balancing: the second wave made to look like the first, each wave keeping its total
first <- d$wave == "first"
second <- d[!first, ]
moments <- model.matrix(~age_band + area + hours, d[first, ])
target <- colSums(moments * d$weight[first]) / sum(d$weight[first]) * sum(second$weight)
for (kind in names(DESIGNS)) {
  plain <- subset(DESIGNS[[kind]], wave == "second")
  balanced <- calibrated(plain, ~age_band + area + hours, target, calfun = "raking")
  if (kind == "simple") weighted <- rbind(weighted, data.frame(case = "balance", row = which(!first), weight = weights(balanced)))
  expected <- rbind(expected, statistics("balance", kind, balanced))
}
write_table(weighted, "weights.csv")
write_table(expected, "expected.csv")
