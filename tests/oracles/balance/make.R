# Balance of two arms by formula: standardised differences with cobalt's rule for their ruler, distribution functions, effective
# sizes, largest shares, ranges and histograms of scores. Run from this folder: Rscript make.R. Writes data.csv, expected.csv.
#
# cobalt (s.weights given): the ruler is the standard deviation of the survey-weighted sample that is not balanced, in both columns:
#   s^2 = sum w (x - m)^2 / (1 - sum w^2), sum w = 1;  pooled sqrt((s1^2 + s0^2) / 2) for ATE and overlap, s1 for ATT
#   (for shares cobalt takes p (1 - p), without the correction; here every column is taken alike)
# KS = max over t of |F1(t) - F0(t)|, F(t) = sum of w over x <= t / sum w. Kish: (sum w)^2 / sum w^2.
# outside = share of an arm's survey weight whose score is under the lowest or over the highest of the other arm.
options(digits = 15)
VERSIONS <- sprintf("# R %s stats %s", getRversion(), packageVersion("stats"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}
set.seed(2611)
n <- 240
d <- data.frame(weight = round(exp(rnorm(n, 0, .5)), 4), ethnicity = sample(c("Asian", "Black", "White"), n, TRUE, c(.25, .35, .4)),
  age_band = sample(c("16-34", "35-54", "55+"), n, TRUE), sex = sample(c("Female", "Male"), n, TRUE), contacts = pmin(rpois(n, 1), 4), years = round(rgamma(n, 2, .1), 1))
d$attended <- ifelse(runif(n) < plogis(-1 + .8 * (d$age_band == "35-54") + .5 * d$contacts - .02 * d$years + .5 * (d$ethnicity == "Black")), "yes", "no")
A <- d$attended == "yes"
groups <- c(list("All respondents" = rep(TRUE, n)), sapply(sort(unique(d$ethnicity)), function(g) d$ethnicity == g, simplify = FALSE))
score <- function(inside, formula) { e <- rep(NA_real_, n); f <- suppressWarnings(glm(formula, quasibinomial, d[inside, ], weights = weight, control = glm.control(epsilon = 1e-12, maxit = 100))); e[inside] <- fitted(f); e }
d$score_all <- score(groups[[1]], A[groups[[1]]] ~ ethnicity + age_band + sex + contacts + years)
d$score_own <- NA_real_
for (g in names(groups)[-1]) { inside <- groups[[g]]; a <- A[inside]; e <- score(inside, a ~ age_band + sex + contacts + years); d$score_own[inside] <- e[inside] }
write_table(d, "data.csv", 17)
d <- read.csv("data.csv", comment.char = "#"); w <- d$weight

x <- list(); for (v in c("age_band", "sex")) for (l in sort(unique(d[[v]]))) x[[paste(v, l, sep = "|")]] <- as.numeric(d[[v]] == l)
for (v in c("contacts", "years")) x[[paste0(v, "|")]] <- d[[v]]
mean_w <- function(x, w) sum(w * x) / sum(w)
var_w <- function(x, w) { w <- w / sum(w); sum(w * (x - sum(w * x))^2) / (1 - sum(w^2)) }
ks_w <- function(x, w, a) { F <- function(k, t) sum(w[k & x <= t]) / sum(w[k]); max(sapply(sort(unique(x)), function(t) abs(F(a, t) - F(!a, t)))) }
kish <- function(w) sum(w)^2 / sum(w^2)
out <- list(); keep <- function(case, domain, label, measure, value) out[[length(out) + 1]] <<- data.frame(case = case, domain = domain, label = label, measure = measure, value = value)
tilts <- list(ato = function(e) ifelse(A, 1 - e, e), att = function(e) ifelse(A, 1, e / (1 - e)), ate = function(e) ifelse(A, 1 / e, 1 / (1 - e)))
for (case in names(tilts)) for (g in names(groups)) {
  i <- which(groups[[g]]); e <- if (g == "All respondents") d$score_all else d$score_own; a <- A[i]; W <- (w * tilts[[case]](e))[i]; s <- w[i]; e <- e[i]
  for (v in names(x)) {
    z <- x[[v]][i]; ruler <- if (case == "att") sqrt(var_w(z[a], s[a])) else sqrt((var_w(z[a], s[a]) + var_w(z[!a], s[!a])) / 2)
    for (after in c(FALSE, TRUE)) { u <- if (after) W else s; end <- if (after) "_after" else ""
      m1 <- mean_w(z[a], u[a]); m0 <- mean_w(z[!a], u[!a])
      keep(case, g, v, paste0("attended", end), m1); keep(case, g, v, paste0("not_attended", end), m0); keep(case, g, v, paste0("difference", end), m1 - m0)
      keep(case, g, v, paste0("smd", end), (m1 - m0) / ruler); keep(case, g, v, paste0("ks", end), ks_w(z, u, a)) }
    keep(case, g, v, "n_least", min(sapply(list(z[a], z[!a]), function(q) length(q) - max(table(q))))) }
  for (arm in c(TRUE, FALSE)) { k <- a == arm; label <- if (arm) "attended" else "not attended"
    keep(case, g, label, "n_effective", kish(W[k])); keep(case, g, label, "largest_share", max(W[k]) / sum(W[k]))
    keep(case, g, label, "n_effective_before", kish(s[k])); keep(case, g, label, "largest_share_before", max(s[k]) / sum(s[k]))
    keep(case, g, label, "score_low", min(e[k])); keep(case, g, label, "score_high", max(e[k]))
    keep(case, g, label, "outside", sum(s[k & (e < min(e[!k]) | e > max(e[!k]))]) / sum(s[k]))
    if (case == "ato") for (b in 0:9) keep("histogram", g, label, sprintf("%.1f", b / 10), sum(s[k & e >= b / 10 & e < (b + 1) / 10]) / sum(s[k])) }
}
write_table(do.call(rbind, out), "expected.csv")
