# Firth's penalised logistic regression written out in base R for made-up respondents: modified Fisher scoring, profile limits by
# uniroot, penalised likelihood ratio tests, FLIC and average predictions from it. Run from this folder: Rscript make.R. Writes
# data.csv and expected.csv.
options(digits = 15)
VERSIONS <- sprintf("# R %s", getRversion())
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}

# ---- made-up respondents: x1 is attendance, w a weight that the fit leaves out
set.seed(20261123)
case <- function(name, y, x1, x2 = 0, x3 = 0, x4 = 0) data.frame(case = name, y = y, x1 = x1, x2 = x2, x3 = x3, x4 = x4, w = round(exp(rnorm(length(y), 0, .4)), 4))
n <- 120; went <- rbinom(n, 1, .35); age <- sample(0:2, n, TRUE); score <- round(rnorm(n), 3)
plain <- case("plain", rbinom(n, 1, plogis(-.6 + .7 * went + .5 * score - .3 * (age == 2))), went, 1 * (age == 1), 1 * (age == 2), score)
separated <- case("separated", rep(c(1, 1, 0), c(7, 11, 20)), rep(c(1, 0, 0), c(7, 11, 20)))
both <- case("both ways", rep(c(1, 0), c(9, 14)), rep(c(1, 0), c(9, 14)))  # attendees all yes, others all no
m <- 40; z <- round(sort(rnorm(m)), 3)
cut <- case("cut by a number", 1 * (z > .1), rep(0:1, m / 2), z)           # a continuous covariate divides the answers
went <- rep(0:1, c(29, 11)); rare <- rep(0, m); rare[c(3, 17)] <- 1
few <- case("few events", rare, went, round(rnorm(m), 3), rep(0:1, m / 2))
k <- 78; a <- round(rnorm(k), 4); b <- round(a + rnorm(k, 0, .02), 4); went <- rbinom(k, 1, .4)
close <- case("nearly collinear", rbinom(k, 1, plogis(.4 * a - .3 + .6 * went)), went, a, b, round(100 * rnorm(k) + 1000, 2))
same <- case("all the same", rep(1, 24), rep(0:1, 12), round(rnorm(24), 3))
d <- rbind(plain, separated, both, cut, few, close, same)
write_table(d, "data.csv", 15)

# ---- the penalised likelihood; `held` is a column whose coefficient stays at `at`
weight_of <- function(X, beta) dlogis(as.vector(X %*% beta))
information <- function(X, beta) crossprod(X * sqrt(weight_of(X, beta)))
height <- function(X, y, beta) { eta <- as.vector(X %*% beta); sum(plogis(ifelse(y == 1, eta, -eta), log.p = TRUE)) + as.numeric(determinant(information(X, beta))$modulus) / 2 }
hat_of <- function(X, beta) rowSums((X %*% solve(information(X, beta), tol = 1e-300)) * X) * weight_of(X, beta)
score_of <- function(X, y, beta) { mu <- plogis(as.vector(X %*% beta)); as.vector(crossprod(X, y - mu + hat_of(X, beta) * (.5 - mu))) }
top <- function(X, y, held = 0, at = 0, start = rep(0, ncol(X))) {
  free <- setdiff(seq_len(ncol(X)), held); beta <- start; if (held) beta[held] <- at; now <- height(X, y, beta)
  if (length(free)) for (i in 1:200000) {
    step <- solve(information(X, beta)[free, free, drop = FALSE], score_of(X, y, beta)[free], tol = 1e-300); share <- min(1, 3 / max(abs(X[, free, drop = FALSE] %*% step)))
    repeat { new <- beta; new[free] <- beta[free] + share * step; there <- height(X, y, new); if (is.finite(there) && there >= now - 1e-11 * abs(now) || share < 1e-12) break; share <- share / 2 }
    beta <- new; now <- there; if (max(abs(X[, free, drop = FALSE] %*% step)) < 1e-13 * max(1, abs(X %*% beta))) break }
  list(beta = beta, height = height(X, y, beta)) }
# With one coefficient far off there may be several peaks: the highest of those found from several starts counts.
highest <- function(X, y, fit, j, b, from) { starts <- list(from, fit$beta, fit$beta * 4, rep(0, ncol(X)), fit$beta + c(-3, rep(0, ncol(X) - 1)), fit$beta + c(3, rep(0, ncol(X) - 1)))
  found <- Filter(Negate(is.null), lapply(starts, function(s) tryCatch(top(X, y, j, b, s), error = function(e) NULL))); found[[which.max(sapply(found, `[[`, "height"))]] }
limit <- function(X, y, fit, j, level, sign) {
  drop <- qchisq(level, 1); from <- fit$beta; fallen <- function(b) { t <- highest(X, y, fit, j, b, from); from <<- t$beta; 2 * (fit$height - t$height) - drop }
  reach <- sqrt(solve(information(X, fit$beta), tol = 1e-300)[j, j]) / 2; while (fallen(fit$beta[j] + sign * reach) < 0) reach <- reach * 2; from <- fit$beta
  fit$beta[j] + sign * uniroot(function(r) fallen(fit$beta[j] + sign * r), c(0, reach), tol = 1e-13 * reach, maxiter = 1000)$root }

out <- list(); keep <- function(case, term, quantity, value) out[[length(out) + 1]] <<- data.frame(case = case, term = term, quantity = quantity, value = as.numeric(value))
for (name in unique(d$case)) {
  one <- d[d$case == name, ]; columns <- Filter(function(v) length(unique(one[[v]])) > 1, paste0("x", 1:4)); X <- cbind(Intercept = 1, as.matrix(one[columns])); y <- one$y
  fit <- top(X, y); again <- optim(fit$beta, function(b) -height(X, y, b), method = "BFGS", control = list(reltol = 1e-15)); stopifnot(-again$value <= fit$height + 1e-9)
  se <- sqrt(diag(solve(crossprod(X * sqrt(weight_of(X, fit$beta) * (1 + hat_of(X, fit$beta)))), tol = 1e-300)))
  for (j in seq_len(ncol(X))) { term <- colnames(X)[j]
    keep(name, term, "estimate", fit$beta[j]); keep(name, term, "std_error", se[j])
    for (l in c(.95, .9)) for (s in c(-1, 1)) keep(name, term, paste(c("low", "high")[(s + 3) / 2], l), limit(X, y, fit, j, l, s))
    for (null in c(0, .5)) keep(name, term, paste("p", null), pchisq(2 * (fit$height - highest(X, y, fit, j, null, fit$beta)$height), 1, lower.tail = FALSE)) }
  if (mean(y) %in% 0:1) next
  # FLIC: the constant that meets the observed share, then weighted averages of the predictions and their variance by the delta method
  moved <- fit$beta; moved[1] <- moved[1] + uniroot(function(s) mean(plogis(as.vector(X %*% fit$beta) + s)) - mean(y), c(-20, 20), tol = 1e-15)$root
  for (j in seq_len(ncol(X))) keep(name, colnames(X)[j], "flic", moved[j])
  V <- solve(information(X, moved), tol = 1e-300); w <- one$w / sum(one$w); side <- function(v) { Z <- X; Z[, "x1"] <- v; p <- plogis(as.vector(Z %*% moved)); list(p = sum(w * p), g = colSums(w * p * (1 - p) * Z)) }
  s1 <- side(1); s0 <- side(0); for (q in list(list("share 1", s1$p, s1$g), list("share 0", s0$p, s0$g), list("difference", s1$p - s0$p, s1$g - s0$g))) {
    keep(name, "x1", q[[1]], q[[2]]); keep(name, "x1", paste(q[[1]], "std_error"), sqrt(as.numeric(q[[3]] %*% V %*% q[[3]]))) } }
write_table(do.call(rbind, out), "expected.csv")
