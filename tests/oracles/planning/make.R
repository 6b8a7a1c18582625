# Writes expected.csv: what base R says of gaps, interactions, sites, equivalence, ordered answers, several items, the
# precision of a change and assurance. Formulas are written out from their papers. Run: Rscript make.R

folder <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
rows <- list()
add <- function(what, field, value, ...) {
  arguments <- list(...)
  text <- vapply(arguments, function(x) if (is.character(x)) x else paste(format(x, digits = 17, trim = TRUE), collapse = "|"), "")
  rows[[length(rows) + 1]] <<- data.frame(
    case = sprintf("%s-%03d", what, length(rows) + 1), what = what, field = field,
    arguments = paste(names(arguments), text, sep = "=", collapse = ";"), value = sprintf("%.17g", value)
  )
}
solve <- function(f, low, high) uniroot(f, c(low, high), tol = 1e-14, maxiter = 10000)$root
solve_log <- function(f, low, high) exp(solve(function(x) f(exp(x)), log(low), log(high)))
v <- function(p) p * (1 - p)
two_tails <- function(ncp, df, level = 0.95) {
  limit <- qt((1 + level) / 2, df)
  if (is.infinite(df)) return(pnorm(ncp - limit) + pnorm(-ncp - limit))
  pt(limit, df, ncp, lower.tail = FALSE) + pt(-limit, df, ncp)
}

# Gaps between means: R's own function where the arms are equal, the noncentral t where they are not
for (d in c(0.3, 0.7)) for (n in c(18, 55)) {
  own <- power.t.test(n = n, delta = d, strict = TRUE, tol = 1e-13)$power
  add("gap_size", "power", own, gap = d, n_attended = n, n_others = n)
}
n <- power.t.test(delta = 0.45, power = 0.85, strict = TRUE, tol = 1e-13)$n
add("gap_size", "n", 2 * n, gap = 0.45, power = 0.85, attending = 0.5)
for (arms in list(c(30, 48), c(12, 75), c(25, 25))) {
  one <- sqrt(sum(1 / arms))
  found <- solve(function(d) two_tails(d / one, sum(arms) - 2) - 0.8, 1e-6, 5)
  add("gap_size", "change", found, n_attended = arms[1], n_others = arms[2], power = 0.8)
  add("gap_size", "change_down", -found, n_attended = arms[1], n_others = arms[2], power = 0.8)
  add("gap_size", "power", two_tails(0.5 / one, sum(arms) - 2, 0.9), n_attended = arms[1], n_others = arms[2], gap = 0.5, level = 0.9)
  add("gap_size", "half_width", qt(0.975, sum(arms) - 2) * one, n_attended = arms[1], n_others = arms[2], gap = 0.5)
}
# Gaps between shares: Welch's degrees of freedom on effective respondents
welch <- function(p1, p0, n1, n0, e1 = 1, e0 = 1) {
  b <- c(n1 / e1, n0 / e0)
  u <- c(v(p1), v(p0)) / b
  list(se = sqrt(sum(u)), df = sum(u)^2 / sum(u^2 / (b - 1)))
}
share_power <- function(gap, share, n1, n0, e1 = 1, e0 = 1, level = 0.95) {
  w <- welch(share + gap, share, n1, n0, e1, e0)
  two_tails(abs(gap) / w$se, w$df, level)
}
for (arms in list(c(31, 46), c(22, 90))) for (share in c(0.33, 0.6)) {
  w <- welch(share + 0.17, share, arms[1], arms[2], 1.3, 1.1)
  add("gap_size", "power", share_power(0.17, share, arms[1], arms[2], 1.3, 1.1), share = share, gap = 0.17, n_attended = arms[1], n_others = arms[2], design_effect = c(1.3, 1.1))
  add("gap_size", "half_width", qt(0.975, w$df) * w$se, share = share, gap = 0.17, n_attended = arms[1], n_others = arms[2], design_effect = c(1.3, 1.1))
  up <- solve(function(g) share_power(g, share, arms[1], arms[2]) - 0.8, 1e-6, 1 - share)
  down <- solve(function(g) share_power(g, share, arms[1], arms[2]) - 0.8, -share, -1e-6)
  add("gap_size", "change", up, share = share, power = 0.8, n_attended = arms[1], n_others = arms[2])
  add("gap_size", "change_down", down, share = share, power = 0.8, n_attended = arms[1], n_others = arms[2])
}
for (attending in c(0.2, 0.5)) {
  n <- solve_log(function(n) share_power(-0.16, 0.44, attending * n, (1 - attending) * n) - 0.9, 30, 1e5)
  add("gap_size", "n", n, share = 0.44, gap = -0.16, power = 0.9, attending = attending)
  normal <- (qnorm(0.975) + qnorm(0.9))^2 * (v(0.28) / attending + v(0.44) / (1 - attending)) / 0.16^2
  add("gap_size", "n", normal, share = 0.44, gap = -0.16, power = 0.9, attending = attending, df = Inf)
  wide <- qnorm(0.975)^2 * v(0.44) * (1 / attending + 1 / (1 - attending)) / 0.09^2
  add("gap_size", "n", wide, share = 0.44, half_width = 0.09, attending = attending, df = Inf)
}
others <- solve_log(function(n) share_power(0.34, 0.3, 36, n) - 0.8, 5, 1e5)
add("gap_size", "n", 36 + others, share = 0.3, gap = 0.34, power = 0.8, n_attended = 36)
attended <- solve_log(function(n) share_power(0.34, 0.3, n, 80) - 0.8, 5, 1e5)
add("gap_size", "n", 80 + attended, share = 0.3, gap = 0.34, power = 0.8, n_others = 80)
three <- (qnorm(0.975) + qnorm(0.8))^2 / 0.2^2
add("gap_size", "n", 60 + v(0.3) / (1 / three - v(0.5) / 60), share = 0.3, gap = 0.2, power = 0.8, n_attended = 60, df = Inf)

# Interactions: four cells
cells <- c(0.52, 0.37, 0.61, 0.58)
sizes <- c(33, 41, 24, 150)
se <- sqrt(sum(v(cells) / sizes))
for (df in c(Inf, 21)) {
  add("interaction_size", "power", two_tails(0.3 / se, df), shares = cells, n = sizes, change = 0.3, df = df)
  add("interaction_size", "half_width", qt(0.975, df) * se, shares = cells, n = sizes, change = 0.3, df = df)
  add("interaction_size", "power", two_tails(0.6 / sqrt(sum(1.4 / sizes)), df), n = sizes, change = -0.6, design_effect = 1.4, df = df)
  e <- c(1.5, 1.2, 1.1, 1)
  part <- sizes / sum(sizes)
  unit <- sqrt(sum(e * v(cells) / part))
  ncp <- if (is.infinite(df)) qnorm(0.975) + qnorm(0.8) else solve(function(x) two_tails(x, df) - 0.8, 0.1, 20)
  add("interaction_size", "change", ncp * unit / sqrt(sum(sizes)), shares = cells, n = sizes, power = 0.8, design_effect = e, df = df)
  add("interaction_size", "n", (ncp * unit / 0.2)^2, shares = cells, split = sizes, power = 0.8, change = 0.2, design_effect = e, df = df)
  add("interaction_size", "n", (qt(0.975, df) * unit / 0.2)^2, shares = cells, split = sizes, half_width = 0.2, design_effect = e, df = df)
}
add("interaction_size", "n", 4 * 4 * (qnorm(0.975) + qnorm(0.8))^2 / 0.5^2, split = c(1, 1, 1, 1), power = 0.8, change = 0.5)

# Sites: Student's t with the sites less 2, or Satterthwaite's degrees of freedom beside a first wave
effect <- function(m, icc, cv) 1 + ((1 + cv^2) * m - 1) * icc
sites_power <- function(k, m, change, icc, cv, p = 0.42, d = 1) {
  b <- k * m / (d * effect(m, icc, cv))
  two_tails(abs(change) / sqrt((v(p) + v(p + change)) / b), 2 * k - 2)
}
for (icc in c(0, 0.03, 0.12)) for (cv in c(0, 0.55)) {
  add("clustered_size", "power", sites_power(9, 12, -0.19, icc, cv), icc = icc, cv = cv, baseline = 0.42, change = -0.19, sites = 9, people = 12)
  k <- solve_log(function(k) sites_power(k, 12, 0.16, icc, cv, d = 1.2) - 0.8, 2.01, 1e4)
  add("clustered_size", "n", 12 * k, icc = icc, cv = cv, baseline = 0.42, change = 0.16, power = 0.8, people = 12, design_effect = 1.2)
  m <- solve_log(function(m) sites_power(40, m, 0.16, icc, cv) - 0.8, 1, 1e4)
  add("clustered_size", "n", 40 * m, icc = icc, cv = cv, baseline = 0.42, change = 0.16, power = 0.8, sites = 40)
  up <- solve(function(x) sites_power(15, 12, x, icc, cv) - 0.8, 1e-6, 0.58)
  add("clustered_size", "change", up, icc = icc, cv = cv, baseline = 0.42, sites = 15, people = 12, power = 0.8)
  se <- sqrt(2 * v(0.42) * effect(12, icc, cv) / (15 * 12))
  add("clustered_size", "half_width", qt(0.975, 28) * sqrt((v(0.42) + v(0.5)) * effect(12, icc, cv) / 180), icc = icc, cv = cv, baseline = 0.42, change = 0.08, sites = 15, people = 12)
  base <- 11 * 9 / effect(9, icc, cv)
  beside <- sqrt(v(0.42) / 61 + v(0.7) / base)
  df <- (1 / 61 + 1 / base)^2 / (1 / 61^2 / 13.5 + 1 / base^2 / 10) # Satterthwaite's, as of shares that are alike
  add("clustered_size", "power", two_tails(0.28 / beside, df), icc = icc, cv = cv, baseline = 0.42, change = 0.28, sites = 11, people = 9, first_wave = 61, df_first = 13.5)
}

# Equivalence and non-inferiority
for (p in c(0.5, 0.27)) for (power in c(0.8, 0.9)) for (ratio in c(0.7, 1)) {
  both <- v(p) * (1 + 1 / ratio) / 0.12^2
  add("equivalence_size", "n", (qnorm(0.95) + qnorm((1 + power) / 2))^2 * both, baseline = p, margin = 0.12, power = power, ratio = ratio)
  add("equivalence_size", "n", (qnorm(0.95) + qnorm(power))^2 * both, baseline = p, margin = 0.12, power = power, ratio = ratio, kind = "non-inferiority")
  se <- sqrt(v(p) / 310 + v(p + 0.02) / (310 * ratio))
  tost <- pnorm((0.1 - 0.02) / se - qnorm(0.975)) + pnorm((0.1 + 0.02) / se - qnorm(0.975)) - 1
  add("equivalence_size", "power", max(tost, 0), baseline = p, margin = 0.1, change = 0.02, n = 310, ratio = ratio, level = 0.975)
  add("equivalence_size", "margin", (qnorm(0.95) + qnorm(power)) * se - 0.02, baseline = p, change = 0.02, n = 310, ratio = ratio, power = power, kind = "non-inferiority")
}
fixed <- (0.3 / (qnorm(0.95) + qnorm(0.9)))^2 - v(0.5) / 70
add("equivalence_size", "n", 1.3 * v(0.5) / fixed, baseline = 0.5, margin = 0.3, power = 0.8, first_wave = 70, design_effect = c(1, 1.3))

# Ordered answers: shift by counting every pair of answers, best first
odds <- function(p, ratio) diff(c(0, plogis(qlogis(cumsum(p)[-length(p)]) + log(ratio)), 1))
shift <- function(p, q) sum(outer(seq_along(p), seq_along(q), function(i, j) (j < i) + (j == i) / 2) * outer(p, q))
scales <- list(c(0.15, 0.3, 0.25, 0.2, 0.1), c(0.5, 0.3, 0.2))
for (p in scales) for (ratio in c(0.6, 1)) for (or in c(1.8, 0.55)) {
  q <- odds(p, or)
  s <- shift(p, q)
  part <- c(1, ratio) / (1 + ratio)
  ties <- 1 - sum((part[1] * p + part[2] * q)^3)
  total <- (qnorm(0.975) + qnorm(0.8))^2 * ties / (12 * prod(part) * (s - 0.5)^2)
  add("ordinal_size", "n", total * part[1], answers = p, odds_ratio = or, power = 0.8, ratio = ratio)
  add("ordinal_size", "n", total * part[1], answers = p, shift = s, power = 0.8, ratio = ratio)
  add("ordinal_size", "change", s - 0.5, answers = p, odds_ratio = or, n = 90, ratio = ratio)
  score <- 3 * (ratio + 1)^2 * (qnorm(0.975) + qnorm(0.9))^2 / (ratio * log(or)^2 * ties)
  add("ordinal_size", "n", score * part[1], answers = p, odds_ratio = or, power = 0.9, ratio = ratio, method = "whitehead")
  ncp <- abs(s - 0.5) / sqrt(ties * (1 / 90 + 1 / (90 * ratio)) / 12)
  add("ordinal_size", "power", two_tails(ncp, Inf), answers = p, odds_ratio = or, n = 90, ratio = ratio)
}
f <- function(l) {
  q <- odds(scales[[1]], exp(l))
  abs(shift(scales[[1]], q) - 0.5) / sqrt((1 - sum(((scales[[1]] + q) / 2)^3)) / (6 * 75)) - qnorm(0.975) - qnorm(0.8)
}
add("ordinal_size", "change", shift(scales[[1]], odds(scales[[1]], exp(solve(f, 0.01, 5)))) - 0.5, answers = scales[[1]], n = 75, power = 0.8)
add("ordinal_size", "change_down", shift(scales[[1]], odds(scales[[1]], exp(solve(f, -5, -0.01)))) - 0.5, answers = scales[[1]], n = 75, power = 0.8)

# Several items: every way in which m items fall between the limits, put through the method step by step
family <- function(m, ncp, correlation, method, wanted, level = 0.95) {
  limits <- qnorm(1 - (1 - level) / (2 * (m:1)))
  if (method == "bonferroni") limits <- rep(limits[1], m)
  cuts <- unique(sort(limits))
  cells <- as.matrix(expand.grid(rep(list(0:length(cuts)), m)))
  shown <- apply(cells, 1, function(cell) {
    past <- vapply(limits, function(limit) sum(cell >= match(limit, cuts)), 0)
    rejected <- if (method == "holm") sum(cumprod(past >= seq_len(m))) else past[1]
    switch(wanted, any = rejected >= 1, all = rejected == m, each = rejected / m)
  })
  given <- function(u) vapply(u, function(one) {
    centre <- ncp + sqrt(correlation) * one
    spread <- sqrt(1 - correlation)
    inside <- c(0, pnorm((cuts - centre) / spread) - pnorm((-cuts - centre) / spread), 1)
    chance <- diff(inside)
    sum(shown * apply(cells, 1, function(cell) prod(chance[cell + 1])))
  }, 0)
  if (correlation == 0) return(given(0))
  integrate(function(u) given(u) * dnorm(u), -9, 9, rel.tol = 1e-11, subdivisions = 500)$value
}
se <- sqrt(v(0.35) / 90 + v(0.52) / 90)
for (m in c(1, 2, 4)) for (method in c("holm", "bonferroni")) for (wanted in c("each", "any", "all")) for (correlation in c(0, 0.5)) {
  found <- family(m, 0.17 / se, correlation, method, wanted)
  add("several_items", "power", found, items = m, baseline = 0.35, change = 0.17, n = 90, correlation = correlation, method = method, wanted = wanted)
}
for (wanted in c("each", "any", "all")) {
  ncp <- solve(function(x) family(3, x, 0.3, "holm", wanted) - 0.8, 0.5, 8)
  add("several_items", "n", ncp^2 * (v(0.35) + v(0.52) / 1.5) / 0.17^2, items = 3, baseline = 0.35, change = 0.17, power = 0.8, ratio = 1.5, correlation = 0.3, wanted = wanted)
  change <- solve(function(x) x / sqrt(v(0.35) / 90 + v(0.35 + x) / 90) - ncp, 1e-6, 0.65)
  add("several_items", "change", change, items = 3, baseline = 0.35, n = 90, power = 0.8, correlation = 0.3, wanted = wanted)
}

# Precision of a change, and of a share with few degrees of freedom
for (df in c(Inf, 9)) {
  z <- qt(0.975, df)
  add("precision_of_difference", "half_width", z * sqrt(1.2 * v(0.3) / 80 + 1.5 * v(0.4) / 120), baseline = 0.3, change = 0.1, n = 80, ratio = 1.5, design_effect = c(1.2, 1.5), df = df)
  add("precision_of_difference", "n", z^2 * (v(0.3) + v(0.4) / 1.5) / 0.08^2, baseline = 0.3, change = 0.1, half_width = 0.08, ratio = 1.5, df = df)
  add("precision_of_difference", "n", 1.4 * v(0.4) / ((0.2 / z)^2 - v(0.3) / 45), baseline = 0.3, change = 0.1, half_width = 0.2, first_wave = 45, design_effect = 1.4, df = df)
  add("precision_of_difference", "half_width", z * sqrt(v(0.3) / 45), baseline = 0.3, change = 0.1, half_width = 0.01, first_wave = 45, df = df)
  add("precision", "half_width", z * sqrt(1.4 * v(0.3) / 42 * (1 - 42 / 1200)), proportion = 0.3, n = 42, design_effect = 1.4, population = 1200, df = df)
}

# Assurance: power in one direction, integrated over the prior
for (mu in c(0.13, -0.2)) for (sd in c(0.05, 0.1)) {
  se <- sqrt(v(0.4) / 70 + v(0.4 + mu) / 140)
  quad <- integrate(function(x) pnorm(sign(mu) * x / se - qnorm(0.975)) * dnorm(x, mu, sd), mu - 12 * sd, mu + 12 * sd, rel.tol = 1e-12)$value
  add("assurance", "power", quad, baseline = 0.4, change_mean = mu, change_sd = sd, n = 70, ratio = 2)
  f <- function(s) pnorm((abs(mu) - qnorm(0.975) * s) / sqrt(sd^2 + s^2)) - 0.7
  s <- solve(f, 1e-9, 1)
  add("assurance", "n", (v(0.4) + v(0.4 + mu)) / s^2, baseline = 0.4, change_mean = mu, change_sd = sd, power = 0.7)
}

file <- file(file.path(folder, "expected.csv"), "w")
writeLines(paste("#", R.version.string, "stats", packageVersion("stats")), file)
write.csv(do.call(rbind, rows), file, row.names = FALSE, quote = FALSE)
close(file)
