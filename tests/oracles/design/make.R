# Domain estimates of R survey under six designs, for a made-up survey of two waves.
# Run from this folder: Rscript make.R. Writes data.csv, population.csv, expected.csv.
suppressMessages(library(survey))
options(survey.lonely.psu = "fail", digits = 15)
VERSIONS <- sprintf("# R %s survey %s", getRversion(), packageVersion("survey"))
SCALE <- c("strongly agree", "tend to agree", "neither", "tend to disagree", "strongly disagree")
POSITIVE <- SCALE[1:2]
ETHNICITY <- c("Asian", "Black", "Other", "White")
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}

# ---- a made-up survey: three strata a wave, PSU codes that repeat in every stratum, unequal weights, missing answers
set.seed(20220516)
strata <- expand.grid(stratum = c("city", "county", "market towns"), wave = c("2022", "rerun"), stringsAsFactors = FALSE)
psus <- do.call(rbind, lapply(seq_len(nrow(strata)), function(h) data.frame(
  strata[h, , drop = FALSE], row.names = NULL, psu = seq_len(c(7, 6, 5, 8, 6, 7)[h]), population = c(30, 24, 22)[(h - 1) %% 3 + 1], fraction = c(.05, .08, .11)[(h - 1) %% 3 + 1])))
psus$level <- rnorm(nrow(psus), 0, .5)
psus$white <- rbeta(nrow(psus), 1.6, 1.6)
rows <- psus[rep(seq_len(nrow(psus)), 6 + rpois(nrow(psus), 6)), ]
n <- nrow(rows)
other <- sample(ETHNICITY[1:3], n, TRUE, c(.36, .44, .2))
d <- data.frame(
  wave = rows$wave, stratum = paste(rows$wave, rows$stratum), psu = rows$psu, psus_in_stratum = rows$population, row_fraction = rows$fraction,
  weight = round(exp(rnorm(n, 0, .45)), 4),
  ethnicity = ifelse(runif(n) < rows$white, "White", other),
  sex = sample(c("Female", "Male"), n, TRUE, c(.57, .43)),
  age_band = sample(c("16-34", "35-54", "55+"), n, TRUE, c(.3, .36, .34)),
  area = sample(c("North", "South"), n, TRUE, c(.55, .45)))
latent <- rows$level - .5 * (d$ethnicity == "Black") + .3 * (d$age_band == "55+") + .25 * (d$wave == "rerun") + rnorm(n)
d$confidence <- SCALE[findInterval(-latent, c(-1.1, -.2, .4, 1.2)) + 1]
d$confidence[runif(n) < .08] <- NA
d$trust <- round(3 + .8 * latent + rnorm(n, 0, .5), 2)
d$trust[runif(n) < .06] <- NA
d$contacts <- rpois(n, exp(.4 - .2 * latent))
d$helpful <- rbinom(n, d$contacts, plogis(.3 + .4 * latent))
d$helpful[runif(n) < .05] <- NA
rownames(d) <- NULL
write_table(d, "data.csv", 15)

# ---- population counts to rake to, over all and within ethnic group
shares <- list(age_band = c("16-34" = .31, "35-54" = .33, "55+" = .36), sex = c(Female = .51, Male = .49), area = c(North = .48, South = .52))
groups <- c(Asian = 90000, Black = 60000, Other = 40000, White = 710000)
tilt <- c(Asian = .06, Black = .04, Other = .08, White = -.03)
margin <- function(within, persons, shift) do.call(rbind, lapply(names(shares), function(v) {
  s <- shares[[v]]; s[1] <- s[1] + shift; s[length(s)] <- s[length(s)] - shift
  data.frame(within = within, variable = v, category = names(s), persons = as.vector(s) * persons) }))
population <- rbind(margin("", sum(groups), 0), do.call(rbind, lapply(ETHNICITY, function(g) margin(g, groups[[g]], tilt[[g]]))))
write_table(population, "population.csv", 15)
totals <- function(within, formula, data) {           # population totals in the order of the model matrix of one group
  counts <- population[population$within == within, ]
  c("(Intercept)" = sum(counts$persons[counts$variable == "sex"]), unlist(lapply(names(shares), function(v) {
    of <- counts[counts$variable == v, ][-1, ]; setNames(of$persons, paste0(v, of$category)) })))
}

d[c("wave", "ethnicity", "sex", "age_band", "area")] <- lapply(d[c("wave", "ethnicity", "sex", "age_band", "area")], factor)
d$positive <- as.numeric(d$confidence %in% POSITIVE); d$positive[is.na(d$confidence)] <- NA
clustered <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = d, nest = TRUE)
d$site <- paste(d$stratum, d$psu)
tight <- function(design, formula, population) calibrate(design, formula, population, calfun = "raking", epsilon = 1e-13, maxit = 2000)
within <- unlist(lapply(ETHNICITY, function(g) { t <- totals(g); names(t) <- sub("(Intercept)", "", names(t), fixed = TRUE); setNames(t, paste(g, names(t))) }))
within_matrix <- do.call(cbind, lapply(ETHNICITY, function(g) (d$ethnicity == g) * model.matrix(~age_band + sex + area, d)))
colnames(within_matrix) <- paste0("t", seq_len(ncol(within_matrix)))
raked_within <- local({
  with_columns <- do.call(update, c(list(clustered), setNames(lapply(seq_len(ncol(within_matrix)), function(j) within_matrix[, j]), colnames(within_matrix))))
  tight(with_columns, reformulate(c("0", colnames(within_matrix))), setNames(as.vector(within), colnames(within_matrix)))
})
designs <- list(
  rows = svydesign(ids = ~1, weights = ~weight, data = d),
  stratified = svydesign(ids = ~1, strata = ~stratum, weights = ~weight, data = d),
  clustered = svydesign(ids = ~site, weights = ~weight, data = d),
  stratified_clustered = clustered,
  fpc_psus = svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, fpc = ~psus_in_stratum, data = d, nest = TRUE),
  fpc_fraction = svydesign(ids = ~1, strata = ~stratum, weights = ~weight, fpc = ~row_fraction, data = d),
  raked = tight(clustered, ~age_band + sex + area, totals("")),
  raked_within = raked_within)

# ---- what to estimate: a ratio of totals inside a domain, for every statistic
BY <- list(all = character(0), wave = "wave", ethnicity = "ethnicity", wave_ethnicity = c("wave", "ethnicity"), sex_age_band = c("sex", "age_band"))
cells <- function(by) if (!length(by)) list(list(label = "all", inside = rep(TRUE, n))) else {
  grid <- expand.grid(lapply(by, function(v) levels(d[[v]])), stringsAsFactors = FALSE)
  lapply(seq_len(nrow(grid)), function(i) list(label = paste(grid[i, ], collapse = "|"), inside = Reduce(`&`, Map(function(v, l) d[[v]] == l, by, grid[i, ]))))
}
STATISTICS <- list(
  proportion_strong = list(top = as.numeric(d$confidence == SCALE[1]), bottom = rep(1, n)),
  proportion_positive = list(top = d$positive, bottom = rep(1, n)),
  mean_trust = list(top = d$trust, bottom = rep(1, n)),
  ratio_helpful_contacts = list(top = d$helpful, bottom = d$contacts))
out <- list()
keep <- function(design, statistic, by, label, quantity, value) out[[length(out) + 1]] <<- data.frame(design = design, statistic = statistic, by = by, label = label, quantity = quantity, value = as.vector(value))
by_delta <- function(design, parts) {                  # totals and the delta method: every covariance of a table of ratios
  k <- length(parts); columns <- list()
  for (i in seq_len(k)) { columns[[paste0("a", i)]] <- parts[[i]]$top; columns[[paste0("b", i)]] <- parts[[i]]$bottom }
  totals <- svytotal(reformulate(names(columns)), do.call(update, c(list(design), columns)))
  svycontrast(totals, setNames(lapply(seq_len(k), function(i) bquote(.(as.name(paste0("a", i))) / .(as.name(paste0("b", i))))), paste0("r", seq_len(k))))
}
zero_outside <- function(x, inside) ifelse(inside, x, 0)
for (dn in names(designs)) for (sn in names(STATISTICS)) for (bn in names(BY)) {
  design <- designs[[dn]]; s <- STATISTICS[[sn]]; parts <- list(); labels <- c()
  answered <- !is.na(s$top) & !is.na(s$bottom)
  for (cell in cells(BY[[bn]])) {
    inside <- cell$inside & answered
    domain <- subset(update(design, top = zero_outside(s$top, answered), bottom = zero_outside(s$bottom, answered)), inside)
    r <- svyratio(~top, ~bottom, domain); df <- degf(subset(design, cell$inside)) # as after na.rm = TRUE: the PSUs of the domain, answer or not
    keep(dn, sn, bn, cell$label, "estimate", coef(r)); keep(dn, sn, bn, cell$label, "std_error", SE(r))
    keep(dn, sn, bn, cell$label, "df", df); keep(dn, sn, bn, cell$label, "n", sum(inside))
    parts[[length(parts) + 1]] <- list(top = zero_outside(s$top, inside), bottom = zero_outside(s$bottom, inside)); labels <- c(labels, cell$label)
    if (sn == "proportion_positive" && bn %in% c("all", "wave_ethnicity")) {
      m <- svymean(~top, domain)
      stopifnot(abs(coef(m) - coef(r)) < 1e-14, abs(SE(m) / SE(r) - 1) < 1e-10)
      # svyciprop(method = "beta") counts every row of a calibrated design, in the domain or not: the published formula is taken with the domain's answers
      n_effective <- coef(m) * (1 - coef(m)) / vcov(m) * (qt(.025, sum(inside) - 1) / qt(.025, df))^2
      beta <- c(qbeta(.025, n_effective * coef(m), n_effective * (1 - coef(m)) + 1), qbeta(.975, n_effective * coef(m) + 1, n_effective * (1 - coef(m))))
      if (nrow(domain) == sum(inside) && df == degf(domain)) stopifnot(max(abs(beta - confint(svyciprop(~top, domain, method = "beta")))) < 1e-12)
      wald <- confint(svyciprop(~top, domain, method = "mean", df = df)); logit <- confint(svyciprop(~top, domain, method = "xlogit", df = df))
      stopifnot(max(abs(logit - confint(svyciprop(~top, domain, method = "logit", df = df)))) < 1e-5)
      # svyciprop(method = "likelihood", df = df) interpolates a profile: the equation that it approaches is solved here, with the
      # dispersion of the domain's answers (R counts every row of a calibrated design)
      p <- unname(coef(m)); cut <- qt(.975, df)^2; base <- p * (1 - p) / vcov(m)[1] * (1 - 1 / sum(inside))
      gap <- function(x) 2 * base * (p * log(p / x) + (1 - p) * log((1 - p) / (1 - x))) - cut
      likelihood <- c(uniroot(gap, c(1e-9, p), tol = 1e-14)$root, uniroot(gap, c(p, 1 - 1e-9), tol = 1e-14)$root)
      if (nrow(domain) == sum(inside)) stopifnot(max(abs(likelihood - confint(svyciprop(~top, domain, method = "likelihood", df = df)))) < 1e-3)
      for (side in 1:2) { q <- c("low", "high")[side]
        keep(dn, sn, bn, cell$label, paste0("likelihood_", q), likelihood[side])
        keep(dn, sn, bn, cell$label, paste0("wald_", q), wald[side]); keep(dn, sn, bn, cell$label, paste0("logit_", q), logit[side]); keep(dn, sn, bn, cell$label, paste0("beta_", q), beta[side]) }
    }
  }
  table <- by_delta(design, parts); v <- vcov(table)
  if (bn == "wave_ethnicity" && sn %in% c("proportion_positive", "mean_trust")) for (i in seq_along(labels)) for (j in seq_len(i)) keep(dn, sn, bn, paste(labels[i], labels[j], sep = " x "), "vcov", v[i, j])
  if (bn == "wave") { change <- svycontrast(table, c(-1, 1)); keep(dn, sn, bn, "rerun - 2022", "estimate", coef(change)); keep(dn, sn, bn, "rerun - 2022", "std_error", SE(change)) }
  if (bn == "wave_ethnicity") for (g in seq_along(ETHNICITY)) {
    weights <- numeric(length(labels)); weights[labels == paste("2022", ETHNICITY[g], sep = "|")] <- -1; weights[labels == paste("rerun", ETHNICITY[g], sep = "|")] <- 1
    change <- svycontrast(table, weights)
    keep(dn, sn, bn, paste("rerun - 2022", ETHNICITY[g], sep = "|"), "estimate", coef(change)); keep(dn, sn, bn, paste("rerun - 2022", ETHNICITY[g], sep = "|"), "std_error", SE(change))
  }
}
for (dn in names(designs)) for (bn in c("all", "wave", "wave_ethnicity")) {
  cs <- cells(BY[[bn]]); columns <- setNames(lapply(cs, function(cell) ifelse(cell$inside & !is.na(d$helpful), d$helpful, 0)), paste0("t", seq_along(cs)))
  total <- svytotal(reformulate(names(columns)), do.call(update, c(list(designs[[dn]]), columns))); v <- vcov(total)
  for (i in seq_along(cs)) { keep(dn, "total_helpful", bn, cs[[i]]$label, "estimate", coef(total)[i]); keep(dn, "total_helpful", bn, cs[[i]]$label, "std_error", SE(total)[i])
    for (j in seq_len(i)) keep(dn, "total_helpful", bn, paste(cs[[i]]$label, cs[[j]]$label, sep = " x "), "vcov", v[i, j]) }
}
for (dn in c("rows", "stratified_clustered", "fpc_psus", "raked")) {   # every category at once, by ethnic group: the whole covariance matrix
  answered <- !is.na(d$confidence); labels <- c(); parts <- list()
  for (g in ETHNICITY) for (a in SCALE) { inside <- d$ethnicity == g & answered; labels <- c(labels, paste(g, a, sep = "|"))
    parts[[length(parts) + 1]] <- list(top = zero_outside(as.numeric(d$confidence == a), inside), bottom = as.numeric(inside)) }
  table <- by_delta(designs[[dn]], parts); v <- vcov(table)
  for (i in seq_along(labels)) { keep(dn, "distribution", "ethnicity", labels[i], "estimate", coef(table)[i]); keep(dn, "distribution", "ethnicity", labels[i], "std_error", SE(table)[i])
    for (j in seq_len(i)) keep(dn, "distribution", "ethnicity", paste(labels[i], labels[j], sep = " x "), "vcov", v[i, j]) }
}
for (dn in c("raked", "raked_within")) keep(dn, "weight", "row", as.character(seq_len(n)), "weight", weights(designs[[dn]]))
write_table(do.call(rbind, out), "expected.csv")
cat(n, "respondents,", length(out), "blocks\n")
