# Chances of taking part by pseudo-likelihood (Chen, Li & Wu 2020), and what follows from them: R's optim() finds the
# maximum, Newton steps polish it, glm() fits the answer, survey makes the replicates.
# Run from this folder: Rscript make.R. Writes volunteers, reference, expected, replicates and both factors as csv.
suppressMessages(library(survey))
options(digits = 15)
VERSIONS <- sprintf("# R %s survey %s", getRversion(), packageVersion("survey"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- sprintf("%.*g", digits, frame[[name]])
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}

# ---- a made-up population of 30,000; who volunteers depends on area, age and years lived there
set.seed(20205)
N <- 30000
p <- data.frame(
  area = sample(c("City", "County", "Rural"), N, TRUE, c(.35, .45, .2)),
  age_band = sample(c("16-34", "35-54", "55+"), N, TRUE, c(.3, .35, .35)),
  years = round(rexp(N, 1 / 12), 1))
p$confident <- ifelse(runif(N) < plogis(.4 - .5 * (p$area == "City") + .3 * (p$age_band == "55+") - .01 * p$years), "yes", "no")
took_part <- runif(N) < plogis(-5.4 + .9 * (p$area == "City") - .4 * (p$area == "Rural") + .6 * (p$age_band == "55+") + .012 * p$years)
A <- p[took_part, ]
stratum <- ifelse(p$area == "City", "city", "elsewhere")
rows <- c(sample(which(stratum == "city"), 240), sample(which(stratum == "elsewhere"), 300))
B <- p[rows, c("area", "age_band", "years")]
B$stratum <- stratum[rows]
B$persons <- ifelse(B$stratum == "city", sum(stratum == "city") / 240, sum(stratum == "elsewhere") / 300)
write_table(A[, c("area", "age_band", "years", "confident")], "volunteers.csv", 15)
write_table(B, "reference.csv")

# ---- the maximum of the pseudo-likelihood
formula <- ~ area + age_band + years
XA <- model.matrix(formula, A); XB <- model.matrix(formula, B)
fit <- function(a, d) {
  minus <- function(theta) -(sum(a * (XA %*% theta)) + sum(d * plogis(XB %*% theta, lower.tail = FALSE, log.p = TRUE)))
  slope <- function(theta) -(colSums(a * XA) - colSums(d * as.vector(plogis(XB %*% theta)) * XB))
  theta <- optim(c(log(sum(a) / sum(d)), rep(0, ncol(XA) - 1)), minus, slope, method = "BFGS", control = list(maxit = 5000, reltol = 1e-15))$par
  for (step in 1:50) {
    chance <- as.vector(plogis(XB %*% theta))
    change <- solve(crossprod(XB * (d * chance * (1 - chance)), XB), -slope(theta))
    theta <- theta + change
    if (max(abs(change)) < 1e-14) break
  }
  stopifnot(max(abs(slope(theta))) < 1e-8)
  as.vector(theta)
}
shares <- function(a, d) {
  theta <- fit(a, d)
  w <- a / as.vector(plogis(XA %*% theta))
  y <- as.numeric(A$confident == "yes")
  model <- suppressWarnings(glm(y ~ area + age_band + years, binomial, data = cbind(A, y = y, a = a), weights = a, control = list(epsilon = 1e-14, maxit = 100)))
  m <- suppressWarnings(predict(model, A, type = "response")); reference <- suppressWarnings(predict(model, B, type = "response"))
  mean_b <- weighted.mean(reference, d)
  c(ipw = weighted.mean(y, w), DR1 = sum(w * (y - m)) / sum(d) + mean_b, DR2 = sum(w * (y - m)) / sum(w) + mean_b, persons = sum(w))
}
one <- rep(1, nrow(A))
theta <- fit(one, B$persons)
found <- shares(one, B$persons)
write_table(data.frame(name = c(colnames(XA), names(found)), value = c(theta, found)), "expected.csv")

# ---- twelve replicates: Rao-Wu factors of survey for both samples, everything fitted again in each
set.seed(7)
dA <- as.svrepdesign(svydesign(ids = ~1, weights = ~one, data = cbind(A, one = 1)), type = "subbootstrap", replicates = 12)
dB <- as.svrepdesign(svydesign(ids = ~1, strata = ~stratum, weights = ~persons, data = B), type = "subbootstrap", replicates = 12)
fA <- as.matrix(weights(dA, "analysis")); fB <- as.matrix(weights(dB, "analysis"))
values <- t(sapply(seq_len(12), function(r) shares(fA[, r], fB[, r])))
write_table(data.frame(replicate = seq_len(12), values), "replicates.csv")
write_table(setNames(data.frame(fA), paste0("r", 1:12)), "volunteer_factors.csv")
write_table(setNames(data.frame(fB), paste0("r", 1:12)), "reference_factors.csv")
