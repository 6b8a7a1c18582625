# Replicate weights, re-raking inside replicates, and quantiles of R survey, for a made-up survey of two waves.
# Run from this folder: Rscript make.R. Writes data.csv, weights.csv, population.csv, expected.csv.
suppressMessages(library(survey))
options(survey.lonely.psu = "fail", digits = 15)
VERSIONS <- sprintf("# R %s survey %s", getRversion(), packageVersion("survey"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}

# ---- a made-up survey: ten strata of two PSUs, of which five belong to each wave; unequal weights, missing answers
set.seed(20261122)
psus <- data.frame(stratum = rep(sprintf("s%02d", 1:10), each = 2), psu = rep(1:2, 10), population = rep(c(9, 12, 7, 15, 8, 11, 10, 6, 14, 9), each = 2))
psus$wave <- ifelse(psus$stratum <= "s05", "2022", "rerun"); psus$level <- rnorm(20, 0, .4)
rows <- psus[rep(seq_len(20), 9 + rpois(20, 6)), ]; n <- nrow(rows)
d <- data.frame(
  wave = rows$wave, stratum = rows$stratum, psu = rows$psu, site = paste(rows$stratum, rows$psu), psus_in_stratum = rows$population, sites = 240,
  weight = round(exp(rnorm(n, 3, .45)), 4),
  ethnicity = sample(c("Asian", "Black", "White"), n, TRUE, c(.25, .3, .45)),
  sex = sample(c("Female", "Male"), n, TRUE, c(.57, .43)),
  age_band = sample(c("16-34", "35-54", "55+"), n, TRUE, c(.3, .36, .34)))
latent <- rows$level - .5 * (d$ethnicity == "Black") + .3 * (d$age_band == "55+") + .3 * (d$wave == "rerun") + rnorm(n)
d$confident <- as.integer(latent > -.1); d$confident[runif(n) < .07] <- NA
d$trust <- round(3 + .8 * latent + rnorm(n, 0, .5), 3); d$trust[runif(n) < .06] <- NA
d$rating <- pmin(pmax(round(5.5 + 2 * latent), 1), 10)
d$contacts <- 1 + rpois(n, exp(.4 - .2 * latent)); d$helpful <- rbinom(n, d$contacts, plogis(.3 + .4 * latent)); d$helpful[runif(n) < .05] <- NA
rownames(d) <- NULL
write_table(d, "data.csv", 15)

# ---- population counts to rake to
shares <- list(age_band = c("16-34" = .31, "35-54" = .33, "55+" = .36), sex = c(Female = .51, Male = .49))
groups <- c(Asian = 1400, Black = 1600, White = 2900)
margin <- function(within, persons, shift) do.call(rbind, lapply(names(shares), function(v) {
  s <- shares[[v]]; s[1] <- s[1] + shift; s[length(s)] <- s[length(s)] - shift
  data.frame(within = within, variable = v, category = names(s), persons = as.vector(s) * persons) }))
population <- rbind(margin("", sum(groups), 0), margin("Asian", 1400, .05), margin("Black", 1600, .03), margin("White", 2900, -.02))
write_table(population, "population.csv", 15)
totals <- function(within) { counts <- population[population$within == within, ]
  c("(Intercept)" = sum(counts$persons[counts$variable == "sex"]), unlist(lapply(names(shares), function(v) { of <- counts[counts$variable == v, ][-1, ]; setNames(of$persons, paste0(v, of$category)) }))) }

d[c("wave", "ethnicity", "sex", "age_band")] <- lapply(d[c("wave", "ethnicity", "sex", "age_band")], factor)
within_matrix <- do.call(cbind, lapply(names(groups), function(g) (d$ethnicity == g) * model.matrix(~age_band + sex, d)))
colnames(within_matrix) <- paste0("t", seq_len(ncol(within_matrix)))
d <- cbind(d, within_matrix)
tight <- function(design, formula, population) calibrate(design, formula, population, calfun = "raking", epsilon = 1e-13, maxit = 2000, compress = FALSE)
rake_all <- function(design) tight(design, ~age_band + sex, totals(""))
rake_within <- function(design) tight(design, reformulate(c("0", colnames(within_matrix))), setNames(unlist(lapply(names(groups), totals)), colnames(within_matrix)))

# ---- replicate designs; variance around the estimate unless said otherwise
sites <- svydesign(ids = ~site, weights = ~weight, data = d)
sites_fpc <- svydesign(ids = ~site, weights = ~weight, fpc = ~sites, data = d)
strata <- svydesign(ids = ~site, strata = ~stratum, weights = ~weight, data = d)
strata_fpc <- svydesign(ids = ~site, strata = ~stratum, weights = ~weight, fpc = ~psus_in_stratum, data = d)
rep_design <- function(design, type, ..., mse = TRUE) as.svrepdesign(design, type = type, ..., mse = mse, compress = FALSE)
drawn <- rep_design(strata, "subbootstrap", replicates = 40)
delivered <- weights(drawn, "analysis"); colnames(delivered) <- sprintf("boot%02d", seq_len(ncol(delivered)))
write_table(as.data.frame(delivered), "weights.csv")
given <- function(mse) svrepdesign(data = d, repweights = delivered, weights = ~weight, type = "bootstrap", scale = 1 / 39, rscales = rep(1, 40), combined.weights = TRUE, mse = mse)
designs <- list(
  jk1 = rep_design(sites, "JK1"), jk1_mean = rep_design(sites, "JK1", mse = FALSE), jk1_fpc = rep_design(sites_fpc, "JK1"),
  jkn = rep_design(strata, "JKn"), jkn_fpc = rep_design(strata_fpc, "JKn"),
  brr = rep_design(strata, "BRR"), fay = rep_design(strata, "Fay", fay.rho = .3),
  given = given(TRUE), given_mean = given(FALSE),
  jk1_raked = rake_all(rep_design(sites, "JK1")), jkn_raked = rake_all(rep_design(strata, "JKn")), jkn_raked_within = rake_within(rep_design(strata, "JKn")),
  brr_raked = rake_all(rep_design(strata, "BRR")), given_raked = rake_all(given(TRUE)))
linearised <- list(taylor = strata, taylor_fpc = strata_fpc, taylor_sites = sites, taylor_raked = rake_all(strata))

# ---- statistics by domain, with all covariances
BY <- list(all = character(0), wave = "wave", ethnicity = "ethnicity")
cells <- function(by) if (!length(by)) list(list(label = "all", inside = rep(TRUE, n))) else lapply(levels(d[[by]]), function(l) list(label = l, inside = d[[by]] == l))
STATISTICS <- list(
  proportion_confident = list(top = d$confident, bottom = rep(1, n)), mean_trust = list(top = d$trust, bottom = rep(1, n)),
  ratio_helpful_contacts = list(top = d$helpful, bottom = d$contacts), total_helpful = list(top = d$helpful, bottom = NULL))
out <- list()
keep <- function(design, statistic, by, label, quantity, value) out[[length(out) + 1]] <<- data.frame(design = design, statistic = statistic, by = by, label = label, quantity = quantity, value = as.vector(value))
zero_outside <- function(x, inside) ifelse(inside, x, 0)
for (dn in names(designs)) { design <- designs[[dn]]
  keep(dn, "design", "all", "all", "df", degf(design)); keep(dn, "design", "all", "all", "replicates", ncol(weights(design, "analysis")))
  for (sn in names(STATISTICS)) for (bn in names(BY)) {
    s <- STATISTICS[[sn]]; ratio <- !is.null(s$bottom); answered <- !is.na(s$top)
    cs <- cells(BY[[bn]]); tops <- sapply(cs, function(cell) zero_outside(s$top, cell$inside & answered)); bottoms <- if (ratio) sapply(cs, function(cell) zero_outside(s$bottom, cell$inside & answered))
    labels <- sapply(cs, `[[`, "label")
    estimate <- withReplicates(design, function(w, data) if (ratio) colSums(w * tops) / colSums(w * bottoms) else colSums(w * tops)); v <- as.matrix(attr(estimate, "var"))
    for (i in seq_along(labels)) { keep(dn, sn, bn, labels[i], "estimate", as.vector(estimate)[i]); keep(dn, sn, bn, labels[i], "std_error", sqrt(v[i, i]))
      for (j in seq_len(i)) keep(dn, sn, bn, paste(labels[i], labels[j], sep = " x "), "vcov", v[i, j]) }
    if (bn == "wave" && ratio) { both <- estimate; attr(both, "var") <- v; names(both) <- c("a", "b")
      change <- svycontrast(both, c(-1, 1)); keep(dn, sn, bn, "rerun - 2022", "estimate", coef(change)); keep(dn, sn, bn, "rerun - 2022", "std_error", SE(change))
      relative <- svycontrast(both, quote(b / a - 1)); keep(dn, sn, bn, "relative", "estimate", coef(relative)); keep(dn, sn, bn, "relative", "std_error", SE(relative)) }
  }
  inside <- subset(update(design, top = zero_outside(d$trust, !is.na(d$trust))), !is.na(d$trust)); m <- svymean(~top, inside); w <- withReplicates(design, function(w, data) sum(w * zero_outside(d$trust, !is.na(d$trust))) / sum(w[!is.na(d$trust)]))
  stopifnot(abs(coef(m) / as.vector(w) - 1) < 1e-12, abs(SE(m) / SE(w) - 1) < 1e-10)
}

# ---- regressions
for (dn in c("jk1", "jkn", "brr", "given_mean", "jkn_raked")) for (name in c("gaussian", "binomial", "poisson")) {
  model <- switch(name, gaussian = trust ~ wave + ethnicity, binomial = confident ~ wave + sex, poisson = contacts ~ wave + sex)
  distribution <- switch(name, gaussian = gaussian(), binomial = quasibinomial(), poisson = quasipoisson())
  fit <- suppressWarnings(svyglm(model, designs[[dn]], family = distribution, control = list(epsilon = 1e-14, maxit = 100)))
  for (term in names(coef(fit))) { keep(dn, name, "term", term, "estimate", coef(fit)[term]); keep(dn, name, "term", term, "std_error", SE(fit)[term]) }
  keep(dn, name, "term", "all", "df", fit$df.residual)
}

# ---- quantiles. survey's rule takes the second smallest answer where the smallest alone holds more than the share asked for
math <- function(x, w, p) { present <- w > 0; if (w[present][which.min(x[present])] > p * sum(w)) min(x[present]) else survey:::qrule_math(x, w, p) }
# degrees of freedom are PSUs - strata of the domain, those of delivered weights R's own
df_of <- function(dn, domain) if (dn == "given") degf(domain) else { f <- model.frame(domain)[weights(domain, "sampling") > 0, ]; length(unique(f$site)) - (if (dn %in% c("jk1", "taylor_sites")) 1 else length(unique(f$stratum))) }
for (dn in c(names(linearised), "jk1", "jkn_fpc", "brr", "given", "jkn_raked")) for (variable in c("trust", "rating")) for (bn in names(BY)) {
  design <- c(linearised, designs)[[dn]]
  for (cell in cells(BY[[bn]])) { inside <- cell$inside & !is.na(d[[variable]]); domain <- subset(update(design, x = zero_outside(d[[variable]], !is.na(d[[variable]]))), inside)
    q <- svyquantile(~x, domain, c(.25, .5, .75), qrule = math, interval.type = "mean", df = df_of(dn, domain))[[1]]
    for (p in rownames(q)) for (j in 1:4) keep(dn, paste0("quantile_", variable), bn, paste(cell$label, p, sep = "|"), c("estimate", "low", "high", "std_error")[j], q[p, j]) }
}
write_table(do.call(rbind, out), "expected.csv")
cat(n, "respondents,", length(out), "numbers\n")
