# Agreement between coders: alpha from the matrix of coincidences, pair by pair; AC1 unit by unit; kappa with its
# standard error by the delta method on the table of pairs. Made-up codes. Run from this folder: Rscript make.R. Writes data.csv (codes) and expected.csv.
options(digits = 15)
VERSIONS <- sprintf("# R %s", getRversion())
write_table <- function(frame, file) { for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- sprintf("%.17g", frame[[name]]); writeLines(VERSIONS, file); suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, quote = FALSE, na = "")) }
set.seed(9)
make <- function(case, n, codes, coders, alike, missing) {
  truth <- sample(codes, n, TRUE, prob = rev(seq_along(codes))^1.5)
  given <- sapply(1:4, function(j) if (j > coders) rep(NA, n) else ifelse(runif(n) < alike, truth, sample(codes, n, TRUE)))
  given[runif(length(given)) < missing] <- NA
  data.frame(case = case, a = given[, 1], b = given[, 2], c = given[, 3], d = given[, 4]) }
data <- rbind(make("two", 45, 1:5, 2, .8, 0), make("two-gaps", 60, 1:4, 2, .7, .15), make("four-gaps", 80, c(1, 2, 3, 5, 8, 13), 4, .75, .25),
              make("rare", 120, 0:1, 3, .95, .1), make("high-numbers", 50, 2020:2026, 3, .6, .1))
data <- transform(data, a = as.integer(a), b = as.integer(b), c = as.integer(c), d = as.integer(d))
alpha <- function(m, metric) {
  v <- sort(unique(m[!is.na(m)])); k <- length(v); o <- matrix(0, k, k)
  for (i in seq_len(nrow(m))) { x <- m[i, !is.na(m[i, ])]; if (length(x) > 1) for (p in seq_along(x)) for (q in seq_along(x)) if (p != q) { o[match(x[p], v), match(x[q], v)] <- o[match(x[p], v), match(x[q], v)] + 1 / (length(x) - 1) } }
  each <- rowSums(o); n <- sum(each)
  apart <- function(p, q) switch(metric, nominal = as.numeric(p != q), interval = (v[p] - v[q])^2, ordinal = (sum(each[min(p, q):max(p, q)]) - (each[p] + each[q]) / 2)^2)
  d <- outer(1:k, 1:k, Vectorize(apart)); 1 - (n - 1) * sum(o * d) / sum(outer(each, each) * d) }
ac1 <- function(m) {
  m <- m[rowSums(!is.na(m)) > 1, , drop = FALSE]; v <- sort(unique(m[!is.na(m)])); agree <- 0; share <- rep(0, length(v))
  for (i in seq_len(nrow(m))) { x <- m[i, !is.na(m[i, ])]; pairs <- combn(length(x), 2); agree <- agree + mean(x[pairs[1, ]] == x[pairs[2, ]]); share <- share + sapply(v, function(code) mean(x == code)) }
  agree <- agree / nrow(m); share <- share / nrow(m); chance <- sum(share * (1 - share)) / (length(v) - 1); (agree - chance) / (1 - chance) }
kappa <- function(pairs) {
  v <- sort(unique(as.vector(pairs))); p <- table(factor(pairs[, 1], v), factor(pairs[, 2], v)) / nrow(pairs); agree <- sum(diag(p)); chance <- sum(rowSums(p) * colSums(p))
  slope <- diag(length(v)) / (1 - chance) - (1 - agree) / (1 - chance)^2 * outer(colSums(p), rowSums(p), "+")
  c((agree - chance) / (1 - chance), sqrt((sum(p * slope^2) - sum(p * slope)^2) / nrow(pairs))) }
rows <- list(); add <- function(case, theme, method, scale, quantity, value) rows[[length(rows) + 1]] <<- data.frame(case, theme, method, scale, quantity, value)
for (case in unique(data$case)) {
  m <- as.matrix(data[data$case == case, c("a", "b", "c", "d")]); codes <- sort(unique(m[!is.na(m)]))
  for (scale in c("nominal", "ordinal", "interval")) add(case, "all codes", "krippendorff", scale, "estimate", alpha(m, scale))
  add(case, "all codes", "ac1", "nominal", "estimate", ac1(m))
  for (code in codes) { add(case, code, "krippendorff", "nominal", "estimate", alpha((m == code) * 1, "nominal")); add(case, code, "ac1", "nominal", "estimate", ac1((m == code) * 1)) }
  pairs <- na.omit(m[, 1:2]); found <- kappa(pairs)
  add(case, "all codes", "kappa", "nominal", "estimate", found[1]); add(case, "all codes", "kappa", "nominal", "std_error", found[2])
}
write_table(data, "data.csv")
write_table(do.call(rbind, rows), "expected.csv")
