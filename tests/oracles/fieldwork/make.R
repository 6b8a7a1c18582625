# Writes expected.csv: what base R says of allocations, sites, approaches and fieldwork. Run: Rscript make.R
# Tails of the beta-binomial by integrating the binomial's, sums over sites by adding counts up one site at a time,
# cheapest plans by trying every number of places and people.

folder <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
rows <- list()
text <- function(x) if (is.character(x)) x else paste(format(x, digits = 17, trim = TRUE), collapse = "|")
add <- function(what, field, value, ...) {
  arguments <- vapply(list(...), text, "")
  rows[[length(rows) + 1]] <<- data.frame(
    case = sprintf("%s-%03d", what, length(rows) + 1), what = what, field = field,
    arguments = paste(names(arguments), arguments, sep = "=", collapse = ";"),
    value = paste(sprintf("%.17g", value), collapse = "|")
  )
}

# Allocations: the sizes that the formulas give, and Kish's design effect from one weight a respondent
persons <- list(c(410000, 83000, 9100, 22000, 3600), c(12, 7, 4))
spreads <- list(c(0.47, 0.5, 0.41, 0.38, 0.3), c(0.2, 0.5, 0.35))
costs <- list(c(6, 8, 25, 11, 14), c(1, 4, 9))
for (i in 1:2) for (n in c(97, 640)) {
  size <- persons[[i]]
  add("quotas", "exact", n * size / sum(size), total = n, persons = size)
  add("quotas", "exact", rep(n / length(size), length(size)), total = n, persons = size, allocation = "equal")
  for (a in c(0.3, 0.5, 0.85)) {
    add("quotas", "exact", n * size^a / sum(size^a), total = n, persons = size, allocation = "power", exponent = a)
  }
  s <- size * spreads[[i]]
  add("quotas", "exact", n * s / sum(s), total = n, persons = size, allocation = "neyman", spread = spreads[[i]])
  k <- s / sqrt(costs[[i]])
  add("quotas", "exact", n * k / sum(k), total = n, persons = size, allocation = "neyman", spread = spreads[[i]], cost = costs[[i]])
  whole <- n %/% length(size) + (seq_along(size) <= n %% length(size))
  w <- rep(size / whole, whole)
  floors <- whole
  add("quotas", "design_effect", n * sum(w^2) / sum(w)^2, total = n, persons = size, floors = floors)
}

# Sites: Kish's cluster design effect and Student's t
for (sites in c(4, 13, 40)) for (each in c(6, 25)) for (icc in c(0, 0.04)) for (cv in c(0, 0.7)) {
  n <- sites * each
  base <- n / (1.2 * (1 + ((1 + cv^2) * each - 1) * icc))
  half <- qt(0.95, sites - 1) * sqrt(0.3 * 0.7 / base)
  add("sites", "half_width", half, icc = icc, sites = sites, per_site = each, cv = cv, design_effect = 1.2, proportion = 0.3, level = 0.9)
}
for (h in c(0.08, 0.14)) for (each in c(9, 30)) {
  sites <- 2
  while (qt(0.975, sites - 1) * sqrt(0.25 * (1 + (each - 1) * 0.03) / (sites * each)) > h) sites <- sites + 1
  add("sites", "n", sites * each, icc = 0.03, per_site = each, half_width = h)
}

# Approaches: sites whose rates vary
for (target in c(1, 24, 70)) for (sites in c(3, 14)) for (variation in c(0.2, 0.6)) {
  rate <- 0.3 * 0.4
  size <- (1 - rate) / (rate * variation^2) - 1
  one <- function(m, k) exp(lchoose(m, k) + lbeta(k + rate * size, m - k + (1 - rate) * size) - lbeta(rate * size, (1 - rate) * size))
  reached <- function(n) {
    each <- n %/% sites + (seq_len(sites) <= n %% sites)
    total <- c(1, rep(0, target - 1))
    for (m in each) {
      site <- ifelse(0:(target - 1) <= m, one(m, pmin(0:(target - 1), m)), 0)
      total <- vapply(seq_len(target), function(j) sum(total[1:j] * site[j:1]), 0)
    }
    1 - sum(total)
  }
  n <- target
  while (reached(n) < 0.85) n <- n + 1
  add("approaches", "n", n, target = target, response = 0.3, share = 0.4, certainty = 0.85, sites = sites, variation = variation)
  add("approaches", "power", reached(n), target = target, response = 0.3, share = 0.4, certainty = 0.85, sites = sites, variation = variation)
}

# Fieldwork: the binomial tail averaged over the posterior of the rate
for (x in c(1, 9, 61)) for (m in c(90, 410)) for (missing in c(1, 33)) for (certainty in c(0.5, 0.9)) {
  tail <- function(n) {
    f <- function(p) pbinom(missing - 1, n, p, lower.tail = FALSE) * dbeta(p, x + 0.5, m - x + 0.5)
    peak <- qbeta(c(1e-14, 0.001, 0.2, 0.5, 0.8, 0.999, 1 - 1e-14), x + 0.5, m - x + 0.5)
    edges <- c(0, peak, 1)
    sum(vapply(seq_len(8), function(i) integrate(f, edges[i], edges[i + 1], rel.tol = 1e-11)$value, 0))
  }
  low <- missing - 1
  high <- missing
  while (tail(high) < certainty) high <- high * 2
  while (high - low > 1) {
    middle <- (low + high) %/% 2
    if (tail(middle) < certainty) low <- middle else high <- middle
  }
  add("still_needed", "n", high, so_far = x, approached = m, target = x + missing, certainty = certainty)
  add("still_needed", "power", tail(high), so_far = x, approached = m, target = x + missing, certainty = certainty)
}

# Cheapest: all numbers of places and people
for (place_cost in c(0, 60, 900)) for (icc in c(0.01, 0.08)) for (half in c(0.09, 0.15)) {
  grid <- expand.grid(sites = 5:400, each = 1:60)
  base <- grid$sites * grid$each / (1 + (grid$each - 1) * icc)
  good <- qt(0.975, grid$sites - 1) * sqrt(0.4 * 0.6 / base) <= half
  respondent <- 7 + 22 * (14 + 2 / (0.35 * 0.8)) / 60
  price <- grid$sites * (place_cost + 22 * 5) + grid$sites * grid$each * respondent
  add("cheapest", "cost", min(price[good]), place_cost = place_cost, icc = icc, half_width = half)
}

file <- file(file.path(folder, "expected.csv"), "w")
writeLines(paste("#", R.version.string, "stats", packageVersion("stats")), file)
write.csv(do.call(rbind, rows), file, row.names = FALSE, quote = FALSE)
close(file)
