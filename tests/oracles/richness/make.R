# Themes by event: Chao2 (bias-corrected) with its variance, coverage, and rarefaction by vegan and by its formula. Chao2 and
# coverage are written out: vegan corrects Chao2 only where no theme was raised twice, and has no coverage of incidences.
# Made-up themes. Run from this folder: Rscript make.R. Writes data.csv (a row a theme and event raised) and expected.csv.
suppressMessages(library(vegan)); options(digits = 15)
VERSIONS <- sprintf("# R %s, vegan %s", getRversion(), packageVersion("vegan"))
write_table <- function(frame, file) { for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- sprintf("%.17g", frame[[name]]); writeLines(VERSIONS, file); suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, quote = FALSE)) }
set.seed(14)
make <- function(themes, events, strength) { x <- matrix(rbinom(themes * events, 1, rep(rbeta(themes, strength, 2), events)), themes); x[rowSums(x) > 0, ] }
no_twice <- make(30, 8, .5); no_twice <- no_twice[rowSums(no_twice) != 2, ]
cases <- list(few = make(12, 4, .8), two_years = make(40, 14, .6), many = make(60, 40, .3), no_twice = no_twice)
data <- do.call(rbind, lapply(names(cases), function(case) { x <- cases[[case]]; data.frame(case = case, theme = as.vector(row(x)), event = as.vector(col(x)), raised = as.vector(x)) }))
out <- do.call(rbind, lapply(names(cases), function(case) {
  x <- cases[[case]]; m <- ncol(x); f <- rowSums(x); s <- nrow(x); q1 <- sum(f == 1); q2 <- sum(f == 2); u <- sum(f); k <- (m - 1) / m
  chao <- s + k * q1 * (q1 - 1) / (2 * (q2 + 1))
  variance <- if (q2 > 0) k * q1 * (q1 - 1) / (2 * (q2 + 1)) + k^2 * q1 * (2 * q1 - 1)^2 / (4 * (q2 + 1)^2) + k^2 * q1^2 * q2 * (q1 - 1)^2 / (4 * (q2 + 1)^4) else specpool(t(x))$chao.se^2
  if (q2 == 0) stopifnot(all.equal(specpool(t(x))$chao, chao))
  unseen <- if (q2 > 0) k * q1^2 / (2 * q2) else k * q1 * (q1 - 1) / 2
  wide <- exp(qnorm(.975) * sqrt(log(1 + variance / (chao - s)^2)))
  curve <- specaccum(t(x), method = "exact")$richness
  stopifnot(all.equal(unname(curve), sapply(1:m, function(j) sum(1 - choose(m - f, j) / choose(m, j)))))
  found <- sapply(1:m, function(j) sum(rowSums(x[, 1:j, drop = FALSE]) > 0))
  data.frame(case = case, quantity = c("themes", "std_error", "conf_low", "conf_high", "coverage", paste0("expected ", 1:m), paste0("found ", 1:m)),
    value = c(chao, sqrt(variance), s + (chao - s) / wide, s + (chao - s) * wide, 1 - q1 / u * (m * unseen / (m * unseen + q1)), curve, found)) }))
write_table(data, "data.csv")
write_table(out, "expected.csv")
