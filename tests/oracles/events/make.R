# Trends and shares over made-up events: the Poisson trend by glm with the interval of its profile likelihood, the median
# slope with limits at ranks that cor.test's standard deviation of Kendall's statistic gives, and shares of attendees by lm with clubSandwich's CR2 over events, Satterthwaite's degrees of freedom and Wilson's interval. Run from
# this folder: Rscript make.R. Writes data.csv and expected.csv.
suppressPackageStartupMessages(library(clubSandwich))
VERSIONS <- sprintf("# R %s, clubSandwich %s", getRversion(), packageVersion("clubSandwich"))
write_table <- function(frame, file) { for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), "", sprintf("%.17g", frame[[name]])); writeLines(VERSIONS, file); suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, quote = FALSE)) }
set.seed(9)
periods <- function(case, counts, days) data.frame(kind = "trend", case = case, place = seq_along(counts), top = counts, bottom = days)
people <- function(case, yes, base) data.frame(kind = "share", case = case, place = seq_along(yes), top = yes, bottom = base)
base <- function(k) sample(25:90, k, replace = TRUE)
data <- rbind(
  periods("steady", c(3, 3, 2, 3), c(180, 181, 184, 120)), periods("growing", c(1, 2, 4, 6, 9), c(100, 181, 184, 181, 184)),
  periods("ending", c(6, 5, 3, 1, 0), c(183, 181, 184, 182, 30)), periods("gap", c(0, 4, 0, 0, 5), c(20, 181, 184, 181, 184)),
  { n <- base(14); people("alike", rbinom(14, n, .4), n) }, { n <- base(6); people("few", round(n * c(.1, .5, .3, .7, .2, .4)), n) },
  { n <- base(30); people("apart", rbinom(30, n, rbeta(30, 1, 3)), n) }, people("uneven", c(2, 150, 1, 4, 3), c(10, 200, 8, 12, 9)),
  people("plain", c(40, 52, 38, 60, 71, 45, 66, 80, 75), c(3, 65, 130, 170, 240, 300, 371, 420, 477)),
  people("tied", c(40, 40, 38, 60, 60, 60, 66, 40, 75, 75), c(3, 3, 130, 170, 170, 300, 371, 371, 371, 477)),
  people("falling", c(90, 70, 85, 60, 66, 50, 41, 44, 30, 20, 25), c(10, 20, 30, 40, 50, 60, 60, 80, 90, 100, 110)),
  people("events", c(1, 0, 0, 1, 1, 1, 0, 1, 1, 0, 1), rep(1, 11)))
data$kind[data$case %in% c("plain", "tied", "falling")] <- "rank"
write_table(data, "data.csv")
trend <- function(d) {
  x <- (d$place - 1) / 2
  fit <- glm(top ~ x + offset(log(bottom)), poisson, d, control = glm.control(epsilon = 1e-14, maxit = 100))
  b <- coef(fit)[["x"]]
  rise <- function(at) deviance(glm(top ~ 1 + offset(log(bottom) + at * x), poisson, d, control = glm.control(epsilon = 1e-14, maxit = 100))) - deviance(fit) - qnorm(.975)^2
  limit <- function(lower, upper) uniroot(rise, c(lower, upper), tol = 1e-13, maxiter = 1000)$root
  exp(c(b, limit(b - 6, b), limit(b, b + 6))) }
share <- function(d) {
  person <- data.frame(event = rep(d$place, d$bottom), yes = unlist(Map(function(y, n) rep(c(1, 0), c(y, n - y)), d$top, d$bottom)))
  found <- coef_test(lm(yes ~ 1, person), vcov = "CR2", cluster = person$event, test = "Satterthwaite")
  p <- found$beta; n <- min(nrow(person), p * (1 - p) / found$SE^2); q <- qt(.975, found$df_Satt)
  half <- q * sqrt(p * (1 - p) / n + q^2 / (4 * n^2)) / (1 + q^2 / n)
  c(p, (p + q^2 / (2 * n)) / (1 + q^2 / n) + c(-half, half)) }
rank <- function(d) {
  x <- d$bottom; y <- d$top; apart <- outer(x, x, "<")
  slopes <- sort(outer(y, y, function(a, b) b - a)[apart] / outer(x, x, function(a, b) b - a)[apart])
  found <- cor.test(x, y, method = "kendall", exact = FALSE); S <- sum(sign(outer(x, x, "-")) * sign(outer(y, y, "-"))) / 2
  reach <- qnorm(.975) * S / found$statistic[[1]]; N <- length(slopes)
  c(median(slopes), slopes[round((N - reach) / 2)], slopes[round((N + reach) / 2) + 1]) }
out <- do.call(rbind, lapply(unique(data$case), function(case) { d <- data[data$case == case, ]; v <- switch(d$kind[1], trend = trend(d), rank = rank(d), share = share(d)); data.frame(kind = d$kind[1], case = case, value = v[1], low = v[2], high = v[3]) }))
write_table(out, "expected.csv")
