# Writes expected.csv: what base R says of sample sizes. Run: Rscript make.R
# power.prop.test at tolerance 1e-12 where it has the case, else the published formula solved by uniroot.

folder <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
rows <- list()
add <- function(what, field, value, ...) {
  arguments <- list(...)
  text <- vapply(arguments, function(x) if (is.character(x)) x else format(x, digits = 17), "")
  rows[[length(rows) + 1]] <<- data.frame(
    case = sprintf("%s-%03d", what, length(rows) + 1), what = what, field = field,
    arguments = paste(names(arguments), text, sep = "=", collapse = ";"), value = sprintf("%.17g", value)
  )
}

two_sided <- function(p1, p2, n1, n2, level, pooled) {
  z <- qnorm((1 + level) / 2)
  s1 <- sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
  p <- (n1 * p1 + n2 * p2) / (n1 + n2)
  s0 <- if (pooled) sqrt(p * (1 - p) * (1 / n1 + 1 / n2)) else s1
  pnorm((abs(p2 - p1) - z * s0) / s1) + pnorm((-abs(p2 - p1) - z * s0) / s1)
}
solve <- function(f, low, high) uniroot(f, c(low, high), tol = 1e-13, maxiter = 10000)$root

# Two open waves: R's own function (pooled, equal), and the published closed forms
for (p in c(0.12, 0.4, 0.64)) for (d in c(-0.09, 0.11, 0.2)) for (power in c(0.8, 0.9)) {
  n <- power.prop.test(p1 = p, p2 = p + d, power = power, tol = 1e-12)$n
  add("respondents_needed", "n", n, baseline = p, change = d, power = power, variance = "pooled")
  add("respondents_needed", "n", n * 1.4, baseline = p, change = d, power = power, variance = "pooled", design_effect = 1.4)
  z <- qnorm(0.975) + qnorm(power)
  for (ratio in c(0.5, 1, 3)) {
    v <- p * (1 - p) + (p + d) * (1 - p - d) / ratio
    add("respondents_needed", "n", z^2 * v / d^2, baseline = p, change = d, power = power, ratio = ratio)
    pb <- (p + ratio * (p + d)) / (1 + ratio)
    m <- (qnorm(0.975) * sqrt((1 + ratio) * pb * (1 - pb)) + qnorm(power) * sqrt(ratio * v))^2 / (ratio * d^2)
    add("respondents_needed", "n", m, baseline = p, change = d, power = power, ratio = ratio, variance = "pooled")
  }
}
n99 <- power.prop.test(p1 = 0.45, p2 = 0.58, power = 0.85, sig.level = 0.01, tol = 1e-12)$n
add("respondents_needed", "n", n99, baseline = 0.45, change = 0.13, power = 0.85, level = 0.99, variance = "pooled")

# A first wave that is fixed
for (first in c(41, 95.5)) for (p in c(0.25, 0.6)) for (variance in c("unpooled", "pooled")) {
  f <- function(n, d) two_sided(p, p + d, first, n, 0.95, variance == "pooled")
  d <- 0.31
  n <- exp(solve(function(x) f(exp(x), d) - 0.8, log(5), log(1e6)))
  add("respondents_needed", "n", n, baseline = p, change = d, first_wave = first, variance = variance)
  add("respondents_needed", "n", n * 1.3, baseline = p, change = d, first_wave = first, variance = variance, design_effect = 1.3)
  ceiling <- two_sided(p, p + 0.05, first, 1e15, 0.95, variance == "pooled")
  add("respondents_needed", "power", ceiling, baseline = p, change = 0.05, first_wave = first, variance = variance)
}

# Power: R's own function (both tails: strict), and unequal waves
for (n in c(55, 240)) for (d in c(-0.14, 0.08)) {
  strict <- power.prop.test(n = n, p1 = 0.52, p2 = 0.52 + d, strict = TRUE)$power
  add("power", "power", strict, baseline = 0.52, change = d, n_first = n, n_second = n, variance = "pooled")
  for (variance in c("unpooled", "pooled")) for (level in c(0.9, 0.95)) {
    unequal <- two_sided(0.52, 0.52 + d, 61, n, level, variance == "pooled")
    add("power", "power", unequal, baseline = 0.52, change = d, n_first = 61, n_second = n, variance = variance, level = level)
  }
  clustered <- two_sided(0.52, 0.52 + d, 61 / 1.7, n / 1.7, 0.95, FALSE)
  add("power", "power", clustered, baseline = 0.52, change = d, n_first = 61, n_second = n, design_effect = 1.7)
}

# Detectable change
for (n in c(90, 1e12)) for (p in c(0.3, 0.55)) for (variance in c("unpooled", "pooled")) {
  f <- function(p2) two_sided(p, p2, 47, n, 0.95, variance == "pooled") - 0.8
  size <- if (n > 1e9) Inf else n
  add("detectable_change", "change", solve(f, p + 1e-9, 1 - 1e-9) - p, baseline = p, n_first = 47, n_second = size, variance = variance)
  add("detectable_change", "change_down", solve(f, 1e-9, p - 1e-9) - p, baseline = p, n_first = 47, n_second = size, variance = variance)
}
p2 <- power.prop.test(n = 130, p1 = 0.37, power = 0.8, strict = TRUE, tol = 1e-12)$p2
add("detectable_change", "change", p2 - 0.37, baseline = 0.37, n_first = 130, n_second = 130, variance = "pooled")

# Precision
wilson <- function(p, n, level) diff(suppressWarnings(prop.test(p * n, n, conf.level = level, correct = FALSE))$conf.int) / 2
for (p in c(0.08, 0.5)) for (level in c(0.9, 0.95)) {
  z <- qnorm((1 + level) / 2)
  add("precision", "half_width", z * sqrt(1.25 * p * (1 - p) / 130 * (1 - 130 / 900)), proportion = p, n = 130, level = level, design_effect = 1.25, population = 900)
  n0 <- 1.25 * z^2 * p * (1 - p) / 0.04^2
  add("precision", "n", n0, proportion = p, half_width = 0.04, level = level, design_effect = 1.25)
  add("precision", "n", n0 / (1 + n0 / 900), proportion = p, half_width = 0.04, level = level, design_effect = 1.25, population = 900)
  add("precision", "half_width", wilson(p, 130, level), proportion = p, n = 130, level = level, interval = "wilson")
  n <- solve(function(n) wilson(p, n, level) - 0.07, 2, 1e5)
  add("precision", "n", n, proportion = p, half_width = 0.07, level = level, interval = "wilson")
}

# Approaches: the fewest trials whose binomial tail reaches the certainty
for (target in c(1, 35, 90)) for (rate in c(0.04, 0.3)) for (certainty in c(0.5, 0.95)) {
  n <- target
  while (pbinom(target - 1, n, rate * 0.5, lower.tail = FALSE) < certainty) n <- n + 1
  add("approaches", "n", n, target = target, response = rate, share = 0.5, certainty = certainty)
  reached <- pbinom(target - 1, n, rate * 0.5, lower.tail = FALSE)
  add("approaches", "power", reached, target = target, response = rate, share = 0.5, certainty = certainty)
}

# Few degrees of freedom: noncentral t, both tails
student <- function(p1, p2, n1, n2, level, pooled, df) {
  s1 <- sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
  p <- (n1 * p1 + n2 * p2) / (n1 + n2)
  s0 <- if (pooled) sqrt(p * (1 - p) * (1 / n1 + 1 / n2)) else s1
  limit <- qt((1 + level) / 2, df) * s0 / s1
  pt(limit, df, abs(p2 - p1) / s1, lower.tail = FALSE) + pt(-limit, df, abs(p2 - p1) / s1)
}
for (df in c(2.3, 6, 29.5, 400)) for (d in c(-0.31, 0.02, 0.18)) for (variance in c("unpooled", "pooled")) {
  found <- student(0.41, 0.41 + d, 38, 77, 0.95, variance == "pooled", df)
  add("power", "power", found, baseline = 0.41, change = d, n_first = 38, n_second = 77, df = df, variance = variance)
}
for (df in c(4, 6.2, 40)) for (n in c(90, 1e12)) for (variance in c("unpooled", "pooled")) {
  f <- function(p2) student(0.45, p2, 47, n, 0.95, variance == "pooled", df) - 0.8
  size <- if (n > 1e9) Inf else n
  add("detectable_change", "change", solve(f, 0.45 + 1e-9, 1 - 1e-9) - 0.45, baseline = 0.45, n_first = 47, n_second = size, df = df, variance = variance)
  add("detectable_change", "change_down", solve(f, 1e-9, 0.45 - 1e-9) - 0.45, baseline = 0.45, n_first = 47, n_second = size, df = df, variance = variance)
}
# The second wave brings as many degrees of freedom per effective respondent as the first
for (df in c(6, 45)) for (d in c(-0.33, 0.36)) {
  f <- function(n) {
    v <- 1 / c(52, n)
    student(0.47, 0.47 + d, 52, n, 0.95, FALSE, sum(v)^2 / (v[1]^2 / df + v[2]^2 / (df * n / 52))) - 0.8
  }
  n <- exp(solve(function(x) f(exp(x)), log(52 / df), log(1e4)))
  add("respondents_needed", "n", n, baseline = 0.47, change = d, first_wave = 52, df_first = df)
}

file <- file(file.path(folder, "expected.csv"), "w")
writeLines(paste("#", R.version.string, "stats", packageVersion("stats")), file)
write.csv(do.call(rbind, rows), file, row.names = FALSE, quote = FALSE)
close(file)
