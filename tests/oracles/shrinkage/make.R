# Normal-normal shrinkage of made-up groups with a half-normal prior of their scatter: by R's integrate() over tau, and by plain sums over
# a grid of steps of prior / 300 up to 6 prior. Run from this folder: Rscript make.R. Writes data.csv (estimates, covariances) and
# expected.csv.
options(digits = 15)
VERSIONS <- sprintf("# R %s", getRversion())
write_table <- function(frame, file) { for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- sprintf("%.17g", frame[[name]]); writeLines(VERSIONS, file); suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, quote = FALSE)) }
cases <- list(
  alone = list(prior = .15, E = c(.21, .08, -.05, .13), S = diag(c(.11, .085, .17, .2)^2)),
  three = list(prior = .15, E = c(.02, .31, .12), S = diag(c(.06, .07, .05)^2)),
  sites = list(prior = .15, E = c(.25, .04, -.11, .16, .09), S = outer(c(.1, .08, .15, .12, .2), c(.1, .08, .15, .12, .2)) * (.3 + .7 * diag(5))),
  index = list(prior = .5, E = c(.4, -.2, .9, .1), S = diag(c(.3, .2, .45, .25)^2)))
data <- do.call(rbind, lapply(names(cases), function(n) with(cases[[n]], data.frame(case = n, prior = prior, row = rep(seq_along(E), length(E)), column = rep(seq_along(E), each = length(E)), estimate = rep(E, length(E)), covariance = as.vector(S)))))
write_table(data, "data.csv")
given <- function(tau, E, S) { k <- length(E); V <- S + tau^2 * diag(k); W <- solve(V); one <- rep(1, k); v <- 1 / sum(W); mu <- v * sum(W %*% E); B <- S %*% W
  list(log = -as.numeric(determinant(V)$modulus) / 2 - as.numeric((E - mu) %*% W %*% (E - mu)) / 2 + log(v) / 2, mean = as.vector(E - B %*% (E - mu)), var = diag((diag(k) - B) %*% S) + as.vector(B %*% one)^2 * v) }
out <- list(); keep <- function(...) out[[length(out) + 1]] <<- data.frame(...)
for (n in names(cases)) { E <- cases[[n]]$E; S <- cases[[n]]$S; prior <- cases[[n]]$prior; most <- max(sapply(seq(.001, 2, .001) * prior, function(t) given(t, E, S)$log))
  density <- function(t) exp(given(t, E, S)$log - most - t^2 / (2 * prior^2))
  inside <- function(f) integrate(Vectorize(function(t) density(t) * f(given(t, E, S), t)), 0, 12 * prior, rel.tol = 1e-11, subdivisions = 2000L)$value
  grid <- (1:1800) * prior / 300; parts <- lapply(grid, given, E = E, S = S); dens <- sapply(grid, density)
  summed <- function(f) sum(dens * mapply(f, parts, grid))
  for (how in c("integral", "grid")) { over <- if (how == "integral") inside else summed; total <- over(function(g, t) 1)
    keep(case = n, how = how, group = 0, quantity = "tau", value = over(function(g, t) t) / total)
    for (i in seq_along(E)) { m <- over(function(g, t) g$mean[i]) / total; s <- sqrt(over(function(g, t) g$var[i] + (g$mean[i] - m)^2) / total)
      keep(case = n, how = how, group = i, quantity = "shrunk", value = m); keep(case = n, how = how, group = i, quantity = "shrunk_std_error", value = s)
      for (tail in c(.025, .975)) keep(case = n, how = how, group = i, quantity = c("shrunk_low", "shrunk_high")[1 + (tail > .5)], value = uniroot(function(x) over(function(g, t) pnorm(x, g$mean[i], sqrt(g$var[i]))) / total - tail, m + c(-6, 6) * s, tol = 1e-13)$root) } } }
write_table(do.call(rbind, out), "expected.csv")
