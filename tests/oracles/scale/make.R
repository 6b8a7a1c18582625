# Reliability, item drift, an index, don't knows, and multiple imputation pooled, for a made-up survey of two waves.
# Run from this folder: Rscript make.R. Writes data.csv, imputed.csv, expected.csv.
#
# alpha: survey::svycralpha; its standard error, and omega's, by the delta method on survey::svyvar (every variance and covariance with
# their design-based covariance). omega: one factor by maximum likelihood, Newton steps to a score of 1e-13, its gradient by central
# differences in the covariances. Drift: MASS::polr to the last digit. Pooling: mitools::MIcombine for
# estimate and standard error; degrees of freedom by Barnard & Rubin (1999), eq. 3, on the design's, since MIcombine's with df.complete
# leave out the factor 1 + 1/m of the between-copy variance (its infinite-sample ones are checked).
suppressMessages({ library(survey); library(mitools); library(MASS) })
options(survey.lonely.psu = "fail", digits = 15)
VERSIONS <- sprintf("# R %s survey %s mitools %s MASS %s", getRversion(), packageVersion("survey"), packageVersion("mitools"), packageVersion("MASS"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}
out <- list()
keep <- function(case, design, label, quantity, value) out[[length(out) + 1]] <<- data.frame(case = case, design = design, label = label, quantity = quantity, value = as.vector(value))

# ---- a made-up survey: five items of one factor, the fourth drifting, sites in strata, unequal weights, don't knows and blanks
set.seed(90210)
ITEMS <- paste0("q", 1:5)
sites <- data.frame(site = sprintf("site %02d", 1:22), wave = rep(c("first", "second"), c(10, 12)), stratum = sprintf("s%d", c(rep(1:2, each = 5), rep(3:4, each = 6))), level = rnorm(22, 0, .3), black = rbeta(22, 1.2, 2.4))
rows <- sites[rep(1:22, 10 + rpois(22, 6)), ]; n <- nrow(rows)
d <- data.frame(site = rows$site, wave = rows$wave, stratum = rows$stratum, weight = round(exp(rnorm(n, 0, .5)), 4), ethnicity = ifelse(runif(n) < rows$black, "Black", "White"))
factor_score <- rows$level + .3 * (d$wave == "second") - .4 * (d$ethnicity == "Black") + rnorm(n)
loadings <- c(.9, .8, 1, .7, .75)
for (j in 1:5) d[[ITEMS[j]]] <- findInterval(loadings[j] * factor_score + (j == 4) * 1.1 * (d$wave == "second") + rnorm(n, 0, .8), c(-1.4, -.5, .4, 1.3)) + 1
for (j in 1:5) { said <- runif(n); d[[paste0("missing", j)]] <- ifelse(said < .06, "don't know", ifelse(said < .08, "prefer not to say", ifelse(said < .11, "blank", ""))); d[[ITEMS[j]]][d[[paste0("missing", j)]] != ""] <- NA }
write_table(d, "data.csv", 15)
designs <- function(data) list(rows = svydesign(ids = ~1, weights = ~weight, data = data), stratified_clustered = svydesign(ids = ~site, strata = ~stratum, weights = ~weight, data = data))
cells <- c("first Black", "first White", "second Black", "second White"); d$cell <- paste(d$wave, d$ethnicity)

# ---- reliability among those who answered all five items
score <- function(l, p, S) { P <- solve(tcrossprod(l) + diag(p)); G <- P - P %*% S %*% P; c(2 * G %*% l, diag(G)) }
omega <- function(S) {                                    # Newton with a numerical derivative of the exact score
  f <- factanal(covmat = S, factors = 1, control = list(lower = 1e-4)); s <- sqrt(diag(S)); t <- c(abs(f$loadings[, 1]) * s, f$uniquenesses * s^2); k <- length(s)
  for (i in 1:50) { g <- score(t[1:k], t[k + 1:k], S); if (max(abs(g)) < 1e-13) break
    H <- sapply(seq_along(t), function(j) { h <- 1e-6; up <- t; up[j] <- up[j] + h; lo <- t; lo[j] <- lo[j] - h; (score(up[1:k], up[k + 1:k], S) - score(lo[1:k], lo[k + 1:k], S)) / (2 * h) }); t <- t - solve(H, g) }
  stopifnot(max(abs(g)) < 1e-11); sum(t[1:k])^2 / (sum(t[1:k])^2 + sum(t[k + 1:k])) }
alpha <- function(S) { k <- nrow(S); k / (k - 1) * (1 - sum(diag(S)) / sum(S)) }
gradient <- function(f, S) sapply(seq_along(S), function(i) { a <- (i - 1) %% nrow(S) + 1; b <- (i - 1) %/% nrow(S) + 1; h <- 1e-5; up <- S; lo <- S   # half to each of the two equal entries
  up[a, b] <- up[a, b] + h / 2; up[b, a] <- up[b, a] + h / 2; lo[a, b] <- lo[a, b] - h / 2; lo[b, a] <- lo[b, a] - h / 2; (f(up) - f(lo)) / (2 * h) })
complete <- d[complete.cases(d[ITEMS]), ]
for (dn in names(designs(complete))) for (g in c("all", cells)) {
  design <- designs(d)[[dn]]; design <- if (g == "all") subset(design, complete.cases(d[ITEMS])) else subset(design, complete.cases(d[ITEMS]) & cell == g)
  v <- svyvar(reformulate(ITEMS), design); S <- as.matrix(v)[1:5, 1:5]; V <- vcov(v)
  stopifnot(abs(alpha(S) - svycralpha(reformulate(ITEMS), design)) < 1e-12)
  for (what in c("alpha", "omega")) { f <- get(what); slope <- gradient(f, S)
    keep(what, dn, g, "estimate", f(S)); keep(what, dn, g, "std_error", sqrt(drop(slope %*% V %*% slope))); keep(what, dn, g, "n", nrow(design)) }
}
equal <- as.matrix(complete[ITEMS]); a <- alpha(cov(equal)); m <- nrow(equal)
keep("feldt", "rows", "all", c("estimate", "conf_low", "conf_high"), c(a, 1 - (1 - a) * qf(c(.975, .025), m - 1, (m - 1) * 4)))

# ---- item drift between waves, unweighted
exact <- function(formula, data) polr(formula, data, control = list(reltol = 1e-16, maxit = 2000))
for (j in 1:5) { data <- data.frame(y = factor(complete[[ITEMS[j]]], ordered = TRUE), rest = rowMeans(complete[ITEMS[-j]]), wave = complete$wave)
  f0 <- exact(y ~ rest, data); f1 <- exact(y ~ rest + wave, data); f2 <- exact(y ~ rest * wave, data); null <- polr(y ~ 1, data)
  keep("drift", "rows", ITEMS[j], c("shift", "lr_uniform", "lr_total", "r2_change"), c(coef(f1)[["wavesecond"]], f0$deviance - f1$deviance, f0$deviance - f2$deviance, (f0$deviance - f1$deviance) / null$deviance)) }

# ---- an index of those who answered 60 % of the items, and what don't knows count as
answered <- rowSums(!is.na(d[ITEMS])); d$index <- ifelse(answered >= 3, rowMeans(d[ITEMS], na.rm = TRUE), NA)
said <- function(j) d[[paste0("missing", j)]] %in% c("don't know", "prefer not to say")
d$unsure <- sapply(1:5, said) |> rowSums(); d$based <- answered + d$unsure; d$high <- rowSums(d[ITEMS] >= 4, na.rm = TRUE)
d$unsure_share <- ifelse(d$based >= 3, d$unsure / d$based, NA); d$high_share <- ifelse(d$based >= 3, d$high / d$based, NA)
for (dn in c("rows", "stratified_clustered")) for (g in cells) {
  share <- function(case, hit, base) { design <- subset(update(designs(d)[[dn]], hit = ifelse(base, as.numeric(hit), 0), base = base), cell == g & base); s <- svymean(~hit, design); keep(case, dn, g, "estimate", coef(s)); keep(case, dn, g, "std_error", SE(s)); keep(case, dn, g, "n", nrow(design)) }
  for (x in c("index", "unsure_share", "high_share")) { design <- subset(designs(d)[[dn]], cell == g & !is.na(d[[x]])); s <- svymean(reformulate(x), design); keep(x, dn, g, "estimate", coef(s)); keep(x, dn, g, "std_error", SE(s)); keep(x, dn, g, "n", nrow(design)) }
  asked <- !is.na(d$q1) | said(1)
  share("excluded", d$q1 >= 4, !is.na(d$q1)); share("not confident", !is.na(d$q1) & d$q1 >= 4, asked); share("don't know", d$missing1 == "don't know", asked); share("prefer not to say", d$missing1 == "prefer not to say", asked)
}

# ---- pooling: seven copies with answers drawn from those who answered in the same wave
sets <- lapply(1:7, function(l) { x <- d[c("site", "wave", "stratum", "weight", "ethnicity", "cell")]; x$trust <- d$q1
  for (w in unique(d$wave)) { hole <- d$wave == w & is.na(d$q1); x$trust[hole] <- sample(d$q1[d$wave == w & !is.na(d$q1)], sum(hole), TRUE) }
  x$copy <- l; x$row <- seq_len(n); x })
write_table(do.call(rbind, sets)[c("copy", "row", "trust")], "imputed.csv", 15)
for (dn in c("rows", "stratified_clustered")) {
  pooled <- function(case, label, estimates, variances, complete) { p <- MIcombine(as.list(estimates), as.list(variances)); m <- length(estimates)
    within <- mean(variances); between <- (1 + 1 / m) * var(estimates); lost <- between / (within + between); rubin <- (m - 1) / lost^2
    if (between > 0) stopifnot(abs(rubin / p$df - 1) < 1e-10)
    df <- 1 / (1 / rubin + 1 / ((complete + 1) / (complete + 3) * complete * (1 - lost))); r <- between / within
    keep(case, dn, label, c("estimate", "std_error", "df", "missing_information"), c(coef(p), SE(p), df, if (r > 0) (r + 2 / (df + 3)) / (r + 1) else 0)) }
  tables <- lapply(sets, function(x) { design <- designs(x)[[dn]]; k <- sapply(cells, function(g) as.numeric(x$cell == g)); colnames(k) <- paste0("b", 1:4); t <- k * x$trust; colnames(t) <- paste0("t", 1:4)
    totals <- svytotal(reformulate(c(colnames(t), colnames(k))), do.call(update, c(list(design), as.data.frame(t), as.data.frame(k))))
    svycontrast(totals, list(m1 = quote(t1 / b1), m2 = quote(t2 / b2), m3 = quote(t3 / b3), m4 = quote(t4 / b4), change = quote(t3 / b3 - t1 / b1))) })
  df <- sapply(cells, function(g) degf(subset(designs(sets[[1]])[[dn]], cell == g)))
  both <- degf(subset(designs(sets[[1]])[[dn]], cell %in% cells[c(1, 3)]))
  for (i in 1:5) pooled("pooled", c(cells, "second - first Black")[i], sapply(tables, function(t) coef(t)[[i]]), sapply(tables, function(t) vcov(t)[i, i]), c(df, both)[i])
}
write_table(do.call(rbind, out), "expected.csv")
cat(n, "respondents,", length(out), "blocks\n")
