# Augmented inverse probability weighting, written out by hand, for a made-up survey of attendees and others.
# Run from this folder: Rscript make.R. Writes data.csv, weights.csv, expected.csv.
#
# e: logit of attended on the adjusters under the survey weights, truncated to [.025, .975]. m1, m0: logit of confident
# (least squares of score) on the adjusters within each arm; least squares for confident too where fewer than 5, or
# fewer than there are columns, of an arm gave one of the answers. All respondents together: with main effects of ethnicity.
#   ATE = sum w (m1 - m0 + A (Y - m1) / e - (1 - A) (Y - m0) / (1 - e)) / sum w
#   ATT = [sum w A (Y - m0) - sum w (1 - A) e / (1 - e) (Y - m0)] / sum w A
# Every step is run again under each replicate's weights: JK1 over respondents, JK1 over sites, and weights.csv.
suppressMessages(library(survey))
options(digits = 15)
VERSIONS <- sprintf("# R %s survey %s", getRversion(), packageVersion("survey"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}

set.seed(903)
n <- 330
d <- data.frame(weight = round(exp(rnorm(n, 0, .45)), 4), site = sample(1:16, n, TRUE), ethnicity = sample(c("Asian", "Black", "White"), n, TRUE, c(.28, .34, .38)),
  age_band = sample(c("16-34", "35-54", "55+"), n, TRUE), sex = sample(c("Female", "Male"), n, TRUE), years_here = round(rgamma(n, 2, .15), 1))
site_level <- rnorm(16, 0, .3)
d$attended <- ifelse(runif(n) < plogis(-2.1 + .6 * (d$ethnicity == "Black") + .5 * (d$age_band == "55+") + .12 * d$years_here), "yes", "no")
latent <- site_level[d$site] + .4 * (d$attended == "yes") - .5 * (d$ethnicity == "Black") + .03 * d$years_here - .5 + rnorm(n)
d$confident <- as.numeric(latent + rlogis(n, 0, .4) > 0); d$score <- round(3 + latent, 2)
d$confident[d$ethnicity == "White" & d$attended == "yes" & d$age_band == "55+"] <- 1          # a limit of 1 in one arm
scarce <- d$ethnicity == "Asian" & d$attended == "no"                                         # too few of a kind there
d$confident[scarce] <- 0; d$confident[which(scarce)[c(2, 9, 17)]] <- 1
write_table(d, "data.csv", 15)
factors <- matrix(rexp(n * 24), n); factors <- sweep(factors, 2, colMeans(factors), "/")
weights <- as.data.frame(round(d$weight * factors, 6)); names(weights) <- sprintf("r%02d", 1:24)
write_table(weights, "weights.csv", 15)

for (v in c("ethnicity", "age_band", "sex")) d[[v]] <- factor(d[[v]])
A <- as.numeric(d$attended == "yes")
ADJUST <- ~ age_band + sex + years_here
logit <- function(x, y, w) suppressWarnings(glm.fit(x, y, w, family = quasibinomial(), control = glm.control(epsilon = 1e-15, maxit = 200)))$coefficients
linear <- function(x, y, w) lm.wfit(x, y, w)$coefficients
effect <- function(w, where, outcome) {
  inside <- where == "" | d$ethnicity == where; a <- A[inside]; y <- d[[outcome]][inside]; w <- w[inside]
  x <- model.matrix(if (where == "") update(ADJUST, ~ . + ethnicity) else ADJUST, droplevels(d[inside, ]))
  raw <- plogis(drop(x %*% logit(x, a, w))); e <- pmin(pmax(raw, .025), .975)
  m <- lapply(c(1, 0), function(arm) {
    k <- a == arm; few <- min(sum(y[k] == 1), sum(y[k] == 0)) < max(5, ncol(x))
    if (outcome == "score" || few) drop(x %*% linear(x[k, ], y[k], w[k])) else plogis(drop(x %*% logit(x[k, ], y[k], w[k]))) })
  m1 <- m[[1]]; m0 <- m[[2]]; n1 <- sum(w * a)
  mean1 <- sum(w * (m1 + a * (y - m1) / e)) / sum(w); mean0 <- sum(w * (m0 + (1 - a) * (y - m0) / (1 - e))) / sum(w)
  ate <- sum(w * (m1 - m0 + a * (y - m1) / e - (1 - a) * (y - m0) / (1 - e))) / sum(w)
  att <- (sum(w * a * (y - m0)) - sum(w * (1 - a) * e / (1 - e) * (y - m0))) / n1
  c(ate = ate, att = att, ate_attended = mean1, ate_others = mean0, att_attended = sum(w * a * y) / n1, att_others = sum(w * a * y) / n1 - att, truncated = sum(raw < .025 | raw > .975))
}
DESIGNS <- list(rows = as.svrepdesign(svydesign(ids = ~1, weights = ~weight, data = d), type = "JK1", mse = TRUE),
  sites = as.svrepdesign(svydesign(ids = ~site, weights = ~weight, data = d), type = "JK1", mse = TRUE),
  weights = svrepdesign(weights = ~weight, repweights = as.matrix(weights), data = d, type = "other", scale = 1 / 24, rscales = rep(1, 24), combined.weights = TRUE, mse = TRUE))
GROUPS <- c("", "Asian", "Black", "White")
out <- list()
keep <- function(outcome, group, quantity, value) out[[length(out) + 1]] <<- data.frame(outcome = outcome, group = group, quantity = quantity, value = value)
for (outcome in c("confident", "score")) {
  full <- sapply(GROUPS, function(g) effect(d$weight, g, outcome))
  for (g in seq_along(GROUPS)) for (q in rownames(full)) keep(outcome, GROUPS[g], q, full[q, g])
  for (dn in names(DESIGNS)) {
    both <- withReplicates(DESIGNS[[dn]], function(w, data) { v <- sapply(GROUPS, function(g) effect(w, g, outcome)); c(v["ate", ], v["att", ], v["ate", 3] - v["ate", 4], v["att", 3] - v["att", 4]) })
    s <- as.vector(SE(both))
    for (k in seq_along(GROUPS)) { keep(outcome, GROUPS[k], paste0("ate_", dn), s[k]); keep(outcome, GROUPS[k], paste0("att_", dn), s[4 + k]) }
    keep(outcome, "Black - White", paste0("ate_", dn), s[9]); keep(outcome, "Black - White", paste0("att_", dn), s[10])
  }
}
write_table(do.call(rbind, out), "expected.csv")
