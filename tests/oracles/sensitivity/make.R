# E-values (VanderWeele & Ding 2017), robustness values and benchmark bounds (Cinelli & Hazlett 2020), their formulas written
# out; regressions by lm(), CR2 with Satterthwaite degrees of freedom by clubSandwich. Run from this folder: Rscript make.R.
# Writes data.csv, expected.csv (block, label, times, value).
suppressMessages(suppressWarnings(library(clubSandwich)))
options(digits = 15)
VERSIONS <- sprintf("# R %s clubSandwich %s", getRversion(), packageVersion("clubSandwich"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}
out <- list()
keep <- function(block, label, value, times = NA) out[[length(out) + 1]] <<- data.frame(block = block, label = label, times = times, value = as.numeric(value))

# ---- formulas
ev <- function(rr) { if (rr < 1) rr <- 1 / rr; rr + sqrt(rr * (rr - 1)) }
ev_limit <- function(rr, lo, hi) if (rr >= 1) { if (lo <= 1) 1 else ev(lo) } else { if (hi >= 1) 1 else ev(hi) }
rv_of <- function(fq, fc) {
  f <- fq - fc
  if (f <= 0) return(0)
  if (fc > 0 && fq > 1 / fc) return((fq^2 - fc^2) / (1 + fq^2))
  .5 * (sqrt(f^4 + 4 * f^2) - f^2)
}
rv <- function(t, df, q = 1, alpha = 1) rv_of(q * abs(t) / sqrt(df), if (alpha < 1) qt(1 - alpha / 2, df - 1) / sqrt(df - 1) else 0)

# ---- numbers alone
for (rr in c(.05, .3, .75, 1, 1.05, 1.9, 3.2, 12)) keep("e-value", format(rr, digits = 15), ev(rr))
for (or in c(.4, 1.8, 5)) keep("e-value of odds", format(or, digits = 15), ev(sqrt(or)))
for (d in c(-.7, .15, .55)) for (se in c(.05, .2)) {
  keep("e-value of means", paste(d, se, sep = "|"), ev(exp(.91 * d)))
  keep("interval of means", paste(d, se, sep = "|"), ev_limit(exp(.91 * d), exp(.91 * d - 1.78 * se), exp(.91 * d + 1.78 * se)))
}
for (t in c(-4.1, .4, 2.2, 9, 60)) for (df in c(4, 25, 300)) for (q in c(.5, 1)) for (alpha in c(1, .05, .2))
  keep("robustness value", paste(t, df, q, alpha, sep = "|"), rv(t, df, q, alpha))

# ---- made-up respondents; who attends depends on age, visits and something that nobody asked
set.seed(20207)
n <- 180
d <- data.frame(weight = round(exp(rnorm(n, 0, .4)), 4), age_band = sample(c("16-34", "35-54", "55+"), n, TRUE), sex = sample(c("Female", "Male"), n, TRUE), visits = rpois(n, 2))
unasked <- rnorm(n)
d$went <- ifelse(runif(n) < plogis(-1 + .8 * (d$age_band == "55+") + .25 * d$visits + .5 * unasked), "yes", "no")
latent <- .6 * (d$went == "yes") + .4 * (d$age_band == "55+") + .2 * (d$sex == "Male") - .15 * d$visits + .4 * unasked + rnorm(n)
d$score <- round(3 + latent, 2); d$confident <- as.numeric(latent > .2)
write_table(d, "data.csv", 15)
d$a <- as.numeric(d$went == "yes")
groups <- c("age_band", "sex", "visits")

left <- function(y, x, w) { m <- lm(reformulate(x, y), d, weights = w); sum(w * resid(m)^2) }
for (weights in c("weighted", "unweighted")) for (y in c("score", "confident")) {
  d$w <- if (weights == "weighted") d$weight else 1
  block <- paste(y, weights)
  m <- lm(reformulate(c("a", groups), y), d, weights = w); est <- coef(m)[["a"]]; df <- m$df.residual
  V <- as.matrix(suppressMessages(vcovCR(m, cluster = seq_len(n), type = "CR2")))
  test <- suppressMessages(coef_test(m, vcov = "CR2", cluster = seq_len(n), test = "Satterthwaite")); at <- which(rownames(V) == "a")
  se <- sqrt(V[at, at]); tc <- qt(.975, test$df_Satt[at]); low <- est - tc * se; high <- est + tc * se
  end <- if (low > 0) low else if (high < 0) high else 0
  f <- abs(summary(m)$coefficients["a", "t value"]) / sqrt(df)
  keep(block, "estimate", est)
  keep(block, "robustness value", rv_of(f, 0))
  stopifnot(abs(rv_of(f, 0) - rv(f * sqrt(df), df)) < 1e-14)
  keep(block, "robustness value of the interval", rv_of(f, f * min(tc * se / abs(est), 1)))
  # what each adjuster explains of attendance and of the outcome, and the bounds that follow
  for (g in groups) {
    r <- 1 - left("a", groups, d$w) / left("a", setdiff(groups, g), d$w)
    s <- 1 - left(y, c("a", groups), d$w) / left(y, c("a", setdiff(groups, g)), d$w)
    for (k in 1:3) {
      r2d <- k * r / (1 - r); eta2 <- k * r^2 / ((1 - k * r) * (1 - r))
      r2y <- min(((sqrt(k) + sqrt(eta2)) / sqrt(1 - eta2))^2 * s / (1 - s), 1)
      sd_ratio <- sqrt(left(y, c("a", groups), d$w) / left("a", groups, d$w))
      stopifnot(abs(sd_ratio / (summary(m)$coefficients["a", "Std. Error"] * sqrt(df)) - 1) < 1e-10)
      moved <- sign(est) * (abs(est) - sqrt(r2y * r2d / (1 - r2d)) * sd_ratio)
      keep(paste(block, "explains_attended"), g, r2d, k); keep(paste(block, "explains_outcome"), g, r2y, k)
      keep(paste(block, "benchmark"), g, moved, k)
      keep(paste(block, "t"), g, moved / (se * sqrt((1 - r2y) / (1 - r2d)) * sqrt(df / (df - 1))), k)
    }
  }
  # the bias of leaving out what nobody asked, exactly as the formula says
  d$unasked <- unasked; long <- lm(reformulate(c("a", groups, "unasked"), y), d, weights = w)
  r2d <- 1 - left("a", c(groups, "unasked"), d$w) / left("a", groups, d$w); r2y <- 1 - left(y, c("a", groups, "unasked"), d$w) / left(y, c("a", groups), d$w)
  stopifnot(abs(abs(est - coef(long)[["a"]]) - sqrt(r2y * r2d / (1 - r2d)) * sqrt(left(y, c("a", groups), d$w) / left("a", groups, d$w))) < 1e-12)
  if (y == "confident") {
    X1 <- X0 <- model.matrix(m); X1[, "a"] <- 1; X0[, "a"] <- 0; share <- d$w / sum(d$w)
    C <- rbind(share %*% X1, share %*% X0); p <- as.vector(C %*% coef(m)); S <- C %*% V %*% t(C)
    rr <- p[1] / p[2]; half <- tc * sqrt(S[1, 1] / p[1]^2 + S[2, 2] / p[2]^2 - 2 * S[1, 2] / (p[1] * p[2]))
    keep(block, "e-value", ev(rr)); keep(block, "e-value of the interval", if (end == 0) 1 else ev_limit(rr, rr * exp(-half), rr * exp(half)))
    keep(block, "participation tipping ratio", p[1] / (1 - p[1]) / (p[2] / (1 - p[2])))
    q <- p[2] + end; keep(block, "participation tipping ratio of the interval", q / (1 - q) / (p[2] / (1 - p[2])))
  } else {
    wv <- function(x, w) { w <- w / sum(w); sum(w * (x - sum(w * x))^2) / (1 - sum(w^2)) }
    sd <- sqrt((wv(d[[y]][d$a == 1], d$w[d$a == 1]) + wv(d[[y]][d$a == 0], d$w[d$a == 0])) / 2)
    keep(block, "e-value", ev(exp(.91 * est / sd))); keep(block, "e-value of the interval", ev_limit(exp(.91 * est / sd), exp(.91 * low / sd), exp(.91 * high / sd)))
  }
}
write_table(do.call(rbind, out), "expected.csv")
