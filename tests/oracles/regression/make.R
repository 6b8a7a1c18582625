# svyglm of R survey, and average comparisons worked by hand from it, for a made-up stratified, clustered survey.
# Run from this folder: Rscript make.R. Writes data.csv, population.csv, expected.csv.
#
# Average comparison of attended = yes and no in a domain g, with mu the inverse link:
#   theta_g = sum over g of w_i d_i / W_g,  d_i = mu(x_i1'b) - mu(x_i0'b)
# Its influence has two parts, the covariates of the people averaged over and the coefficients:
#   u_i = 1(i in g) (d_i - theta_g) / W_g + G_g' A^-1 x_i (y_i - mu_i) 1(i in the regression)
#   G_g = sum over g of w_i (mu'(x_i1'b) x_i1 - mu'(x_i0'b) x_i0) / W_g,  A = sum w_i mu'(x_i'b) x_i x_i'  (canonical links)
# and the standard error is that of svytotal(~u); "std_error_fixed" leaves the first part out.
suppressMessages(library(survey))
options(survey.lonely.psu = "fail", digits = 15)
VERSIONS <- sprintf("# R %s survey %s", getRversion(), packageVersion("survey"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}

set.seed(777)
psus <- do.call(rbind, lapply(c("city", "county", "towns"), function(s) data.frame(stratum = s, psu = 1:9, psus_in_stratum = c(city = 40, county = 31, towns = 25)[[s]])))
psus$level <- rnorm(nrow(psus), 0, .4); psus$white <- rbeta(nrow(psus), 2, 2)
rows <- psus[rep(seq_len(nrow(psus)), 9 + rpois(nrow(psus), 7)), ]; n <- nrow(rows)
d <- data.frame(
  stratum = rows$stratum, psu = rows$psu, psus_in_stratum = rows$psus_in_stratum, weight = round(exp(rnorm(n, 0, .5)), 4),
  ethnicity = ifelse(runif(n) < rows$white, "White", sample(c("Asian", "Black"), n, TRUE)),
  age_band = sample(c("16-34", "35-54", "55+"), n, TRUE), sex = sample(c("Female", "Male"), n, TRUE, c(.56, .44)), years_here = round(rgamma(n, 2, .2), 1))
d$attended <- ifelse(runif(n) < plogis(-.9 + .8 * (d$ethnicity == "Black") + .4 * (d$age_band == "55+")), "yes", "no")
latent <- rows$level + .4 * (d$attended == "yes") - .6 * (d$ethnicity == "Black") + .01 * d$years_here + rnorm(n)
d$confident <- as.numeric(latent + rlogis(n, 0, .4) > 0); d$score <- round(3 + latent, 2); d$contacts <- rpois(n, exp(.3 - .2 * latent))
d$confident[runif(n) < .05] <- NA; d$score[runif(n) < .06] <- NA; d$sex[runif(n) < .03] <- NA
write_table(d, "data.csv", 15)
population <- data.frame(variable = rep(c("ethnicity", "age_band"), each = 3), category = c("Asian", "Black", "White", "16-34", "35-54", "55+"), persons = c(90000, 70000, 340000, 150000, 170000, 180000))
write_table(population, "population.csv", 15)

for (v in c("ethnicity", "age_band", "sex", "attended")) d[[v]] <- factor(d[[v]])
plain <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = d, nest = TRUE)
totals <- c("(Intercept)" = 500000, ethnicityBlack = 70000, ethnicityWhite = 340000, "age_band35-54" = 170000, "age_band55+" = 180000)
designs <- list(rows = svydesign(ids = ~1, weights = ~weight, data = d), stratified_clustered = plain,
  fpc = svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, fpc = ~psus_in_stratum, data = d, nest = TRUE),
  raked = calibrate(plain, ~ethnicity + age_band, totals, calfun = "raking", epsilon = 1e-13, maxit = 2000))
MODELS <- list(gaussian = list(outcome = "score", family = gaussian()), binomial = list(outcome = "confident", family = quasibinomial()), poisson = list(outcome = "contacts", family = quasipoisson()))
RIGHT <- "attended * ethnicity + age_band + sex + years_here"
formulaic <- function(term) {                          # attendedyes:ethnicityBlack -> attended[T.yes]:ethnicity[T.Black]
  for (v in c("attended", "ethnicity", "age_band", "sex")) term <- gsub(paste0(v, "([^:]+)"), paste0(v, "[T.\\1]"), term)
  sub("(Intercept)", "Intercept", term, fixed = TRUE)
}
out <- list()
keep <- function(case, label, quantity, value) out[[length(out) + 1]] <<- data.frame(design = case[1], family = case[2], where = case[3], label = label, quantity = quantity, value = as.vector(value))
for (dn in names(designs)) for (mn in names(MODELS)) for (where in c("", "white", "female")) {
  model <- MODELS[[mn]]; case <- c(dn, mn, where)
  design <- switch(where, white = subset(designs[[dn]], ethnicity == "White"), female = subset(designs[[dn]], sex == "Female"), designs[[dn]])
  right <- switch(where, white = "attended * age_band + sex", female = "attended + ethnicity + age_band", RIGHT)
  f <- suppressWarnings(svyglm(as.formula(paste(model$outcome, "~", right)), design, family = model$family, control = glm.control(epsilon = 1e-15, maxit = 100)))
  b <- coef(f); V <- vcov(f); terms <- formulaic(names(b))
  for (i in seq_along(b)) { keep(case, terms[i], "estimate", b[i]); keep(case, terms[i], "std_error", sqrt(V[i, i])); keep(case, terms[i], "df", f$df.residual)
    for (j in seq_len(i)) keep(case, paste(terms[i], terms[j], sep = " x "), "vcov", V[i, j]) }
  if (where != "") next
  w <- weights(design, "sampling"); used <- complete.cases(d[c(model$outcome, "attended", "ethnicity", "age_band", "sex", "years_here")])
  keep(case, "rows", "n", sum(used))
  filled <- d; filled[!used, "sex"] <- "Female"; right_terms <- delete.response(terms(f))
  matrix_at <- function(level) { x <- filled; if (!is.null(level)) x$attended <- factor(level, levels = c("no", "yes")); model.matrix(right_terms, x) }
  X <- matrix_at(NULL); X1 <- matrix_at("yes"); X0 <- matrix_at("no"); inverse <- model$family$linkinv; slope <- model$family$mu.eta
  mu <- inverse(as.vector(X %*% b)); y <- ifelse(used, d[[model$outcome]], 0)
  A <- crossprod(X, ifelse(used, w * slope(as.vector(X %*% b)), 0) * X)
  score <- X * ifelse(used, y - mu, 0)
  influence <- function(value, gradient, domain) { W <- sum(w[domain]); theta <- sum(w[domain] * value[domain]) / W
    G <- colSums(gradient[domain, , drop = FALSE] * w[domain]) / W; fixed <- as.vector(score %*% solve(A, G))
    list(theta = theta, u = ifelse(domain, (value - theta) / W, 0) + fixed, fixed = fixed) }
  e1 <- as.vector(X1 %*% b); e0 <- as.vector(X0 %*% b)
  parts <- list(); for (g in c("all", levels(d$ethnicity))) {
    domain <- used & (g == "all" | d$ethnicity == g)
    parts[[paste("comparison", g)]] <- influence(inverse(e1) - inverse(e0), slope(e1) * X1 - slope(e0) * X0, domain)
    parts[[paste("yes", g)]] <- influence(inverse(e1), slope(e1) * X1, domain); parts[[paste("no", g)]] <- influence(inverse(e0), slope(e0) * X0, domain) }
  bw <- function(part) parts[["comparison Black"]][[part]] - parts[["comparison White"]][[part]]
  parts[["comparison Black - White"]] <- list(theta = bw("theta"), u = bw("u"), fixed = bw("fixed"))
  for (label in names(parts)) { p <- parts[[label]]; se <- function(u) as.vector(SE(svytotal(~u, update(design, u = u))))
    keep(case, label, "estimate", p$theta); keep(case, label, "std_error", se(p$u)); keep(case, label, "std_error_fixed", se(p$fixed)) }
  G <- colSums(slope(e1[used & d$ethnicity == "Black"]) * X1[used & d$ethnicity == "Black", ] * w[used & d$ethnicity == "Black"] - slope(e0[used & d$ethnicity == "Black"]) * X0[used & d$ethnicity == "Black", ] * w[used & d$ethnicity == "Black"]) / sum(w[used & d$ethnicity == "Black"])
  stopifnot(abs(sqrt(G %*% V %*% G) / as.vector(SE(svytotal(~u, update(design, u = parts[["comparison Black"]]$fixed)))) - 1) < 1e-8)
}
write_table(do.call(rbind, out), "expected.csv")
cat(n, "respondents,", length(out), "values\n")
