# Standard errors of R survey when replicate designs are calibrated, raked and post-stratified inside each replicate.
# Run from this folder: Rscript make.R. Writes data.csv, weights.csv, population.csv, expected.csv.
suppressMessages(library(survey))
options(survey.lonely.psu = "fail", digits = 15, warn = 2)  # a replicate that does not converge is a warning of R's
VERSIONS <- sprintf("# R %s survey %s", getRversion(), packageVersion("survey"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}

# ---- a made-up survey: ten strata of two PSUs, unequal weights, missing answers
set.seed(20261123)
psus <- data.frame(stratum = rep(sprintf("s%02d", 1:10), each = 2), psu = rep(1:2, 10)); psus$level <- rnorm(20, 0, .4)
rows <- psus[rep(seq_len(20), 14 + rpois(20, 6)), ]; n <- nrow(rows)
d <- data.frame(
  stratum = rows$stratum, psu = rows$psu, site = paste(rows$stratum, rows$psu), weight = round(exp(rnorm(n, 2.7, .4)), 4),
  ethnicity = sample(c("Asian", "Black", "White"), n, TRUE, c(.25, .3, .45)),
  sex = sample(c("Female", "Male"), n, TRUE, c(.58, .42)),
  age_band = sample(c("16-34", "35-54", "55+"), n, TRUE, c(.42, .33, .25)), age = 0)
d$age <- ifelse(d$age_band == "16-34", sample(16:34, n, TRUE), ifelse(d$age_band == "35-54", sample(35:54, n, TRUE), sample(55:88, n, TRUE)))
latent <- rows$level - .5 * (d$ethnicity == "Black") + .02 * (d$age - 40) + .2 * (d$sex == "Male") + rnorm(n)
d$confident <- as.integer(latent > -.1); d$confident[runif(n) < .07] <- NA
d$trust <- round(3 + .8 * latent + rnorm(n, 0, .5), 3)
rownames(d) <- NULL
write_table(d, "data.csv", 15)

# ---- population: a joint table, its margins, and a mean age
persons <- round(sum(d$weight) * 1.05)
joint <- expand.grid(age_band = c("16-34", "35-54", "55+"), sex = c("Female", "Male"))
joint$persons <- persons * c(.15, .18, .19, .17, .16, .15)
by_group <- c(Asian = .22, Black = .28, White = .50) * persons
MEAN_AGE <- 47.5
population <- rbind(data.frame(kind = "joint", ethnicity = "", age_band = joint$age_band, sex = joint$sex, persons = joint$persons),
  data.frame(kind = "group", ethnicity = names(by_group), age_band = "", sex = "", persons = as.vector(by_group)),
  data.frame(kind = "age_total", ethnicity = "", age_band = "", sex = "", persons = MEAN_AGE * persons))
write_table(population, "population.csv", 15)
age_margin <- tapply(joint$persons, joint$age_band, sum); sex_margin <- tapply(joint$persons, joint$sex, sum)
d[c("ethnicity", "sex", "age_band")] <- lapply(d[c("ethnicity", "sex", "age_band")], factor)
totals <- c("(Intercept)" = persons, "age_band35-54" = age_margin[["35-54"]], "age_band55+" = age_margin[["55+"]], sexMale = sex_margin[["Male"]])
freq <- function(x, name) setNames(data.frame(names(x), as.vector(x)), c(name, "Freq"))
groups <- do.call(cbind, lapply(names(by_group), function(g) (d$ethnicity == g) * model.matrix(~age_band + sex, d)))
colnames(groups) <- paste0("t", seq_len(ncol(groups))); d <- cbind(d, groups)
group_totals <- setNames(unlist(lapply(by_group, function(p) totals * (p / persons))), colnames(groups))

# ---- what is done inside each replicate
tight <- function(design, formula, population, ...) calibrate(design, formula, population, epsilon = 1e-12, maxit = 2000, compress = FALSE, ...)
BOUNDS <- c(.6, 1.8)  # they bind in every design
with_age <- c(totals[c("(Intercept)", "sexMale")], age = MEAN_AGE * persons)
METHODS <- list(
  raking = function(x) tight(x, ~age_band + sex, totals, calfun = "raking"),
  rake = function(x) rake(x, list(~age_band, ~sex), list(freq(age_margin, "age_band"), freq(sex_margin, "sex")), control = list(maxit = 20000, epsilon = 1e-14, verbose = FALSE), compress = FALSE),
  linear = function(x) tight(x, ~age_band + sex, totals, calfun = "linear"),
  linear_number = function(x) tight(x, ~sex + age, with_age, calfun = "linear"),
  logit = function(x) tight(x, ~sex + age, with_age, calfun = "logit", bounds = c(.5, 2)),
  linear_bounded = function(x) tight(x, ~sex + age, with_age, calfun = "linear", bounds = BOUNDS),
  raking_bounded = function(x) tight(x, ~sex + age, with_age, calfun = "raking", bounds = BOUNDS),
  post_stratified = function(x) postStratify(x, ~age_band + sex, setNames(joint, c("age_band", "sex", "Freq")), compress = FALSE),
  within = function(x) tight(x, reformulate(c("0", colnames(groups))), group_totals, calfun = "raking"),
  two_steps = function(x) tight(tight(x, ~ethnicity, c("(Intercept)" = persons, ethnicityBlack = by_group[["Black"]], ethnicityWhite = by_group[["White"]]), calfun = "linear"), ~age_band + sex, totals, calfun = "raking"))

# ---- replicate designs; variance around the estimate of the whole sample
strata <- svydesign(ids = ~site, strata = ~stratum, weights = ~weight, data = d)
drawn <- as.svrepdesign(strata, type = "subbootstrap", replicates = 40, mse = TRUE, compress = FALSE)
delivered <- weights(drawn, "analysis"); colnames(delivered) <- sprintf("boot%02d", seq_len(ncol(delivered)))
write_table(as.data.frame(delivered), "weights.csv")
DESIGNS <- list(
  jackknife = as.svrepdesign(strata, type = "JKn", mse = TRUE, compress = FALSE),
  brr = as.svrepdesign(strata, type = "BRR", mse = TRUE, compress = FALSE),
  bootstrap = svrepdesign(data = d, repweights = delivered, weights = ~weight, type = "bootstrap", scale = 1 / 39, rscales = rep(1, 40), combined.weights = TRUE, mse = TRUE))
expected <- do.call(rbind, lapply(names(DESIGNS), function(dn) do.call(rbind, lapply(names(METHODS), function(mn) {
  design <- METHODS[[mn]](DESIGNS[[dn]])
  ratio <- range(weights(design, "sampling") / weights(DESIGNS[[dn]], "sampling"))
  cat(sprintf("%s %s: ratios of new to old weight %.3f to %.3f\n", dn, mn, ratio[1], ratio[2]))
  do.call(rbind, lapply(c("all", levels(d$ethnicity)), function(g) {
    inside <- g == "all" | d$ethnicity == g
    answered <- inside & !is.na(d$confident); yes <- ifelse(answered, d$confident, 0); trust <- d$trust * inside
    found <- list(mean_trust = withReplicates(design, function(w, data) sum(w * trust) / sum(w[inside])),
      proportion_confident = withReplicates(design, function(w, data) sum(w * yes) / sum(w[answered])),
      total_trust = withReplicates(design, function(w, data) sum(w * trust)))
    data.frame(design = dn, method = mn, statistic = names(found), group = g, estimate = sapply(found, function(x) as.vector(x)), std_error = sapply(found, function(x) as.vector(SE(x))))
  }))
}))))
write_table(expected, "expected.csv")
