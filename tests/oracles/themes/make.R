# Shares of forms by theme and group with events as clusters, and pairs of themes. Shares: CR2 (identity working model) with
# Satterthwaite's degrees of freedom written out with whole matrices, then Wilson's interval on p(1-p)/v forms with t; shares
# of 0 and 1 on forms / (1 + (forms an event - 1) .05) with the normal quantile; fewer than 5 events: every form a cluster
# (HC2). Pairs: fisher.test, p.adjust(BH), Jaccard and lift by counting. Made-up forms. Run from this folder: Rscript make.R.
# Writes data.csv (a row a form), expected.csv (shares) and pairs.csv.
options(digits = 15)
VERSIONS <- sprintf("# R %s", getRversion())
write_table <- function(frame, file) { for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- sprintf("%.17g", frame[[name]]); writeLines(VERSIONS, file); suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, quote = FALSE)) }
set.seed(9)
make <- function(case, events, size, themes) {
  m <- sample(size, events, replace = TRUE); event <- rep(seq_len(events), m); n <- length(event)
  group <- sample(c("a", "b", "c"), n, replace = TRUE, prob = c(.5, .3, .2))
  p <- plogis(outer(rnorm(events, 0, .8)[event], seq(-2.5, 1, length.out = themes), "+"))
  y <- matrix(rbinom(n * themes, 1, p), n); y[group == "c", 2] <- 0; y[group == "b", themes] <- 1
  colnames(y) <- paste0("t", seq_len(themes)); data.frame(case = case, event = event, group = group, y)
}
alike <- data.frame(case = "alike", event = rep(1:6, each = 12), group = rep(rep(c("a", "b", "c"), c(6, 4, 2)), 6), t1 = rep(c(1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0), 6))
alike <- cbind(alike, t2 = rev(alike$t1), t3 = rep(c(1, 0), 36), t4 = 0, t5 = 1, t6 = rep(c(0, 1), each = 36))
data <- rbind(make("many", 14, 5:16, 6), make("some", 7, 6:12, 6), make("few", 4, 9:14, 6), alike)
root <- function(b) { e <- eigen(b, symmetric = TRUE); keep <- e$values > 1e-10 * max(e$values, 1); d <- ifelse(keep, 1 / sqrt(pmax(e$values, 1e-300)), 0); e$vectors %*% (d * t(e$vectors)) }
cr2 <- function(y, cluster) {
  n <- length(y); x <- rep(1 / n, n); residual <- y - mean(y); left <- diag(n) - 1 / n; units <- split(seq_len(n), cluster)
  P <- sapply(units, function(j) { T <- left[j, , drop = FALSE]; as.vector(x[j] %*% root(T %*% t(T)) %*% T) })
  u <- sapply(units, function(j) { T <- left[j, , drop = FALSE]; sum(x[j] %*% root(T %*% t(T)) %*% residual[j]) })
  G <- t(P) %*% P; c(v = sum(u^2), df = sum(diag(G))^2 / sum(G^2))
}
wilson <- function(p, n, q) { m <- (p + q^2 / (2 * n)) / (1 + q^2 / n); h <- q * sqrt(p * (1 - p) / n + q^2 / (4 * n^2)) / (1 + q^2 / n); c(max(m - h, 0), min(m + h, 1)) }
shares <- list()
for (case in unique(data$case)) for (group in c("all", "a", "b", "c")) for (theme in paste0("t", 1:6)) {
  d <- data[data$case == case & (group == "all" | data$group == group), ]; y <- d[[theme]]; n <- nrow(d); p <- mean(y); m <- length(unique(d$event))
  cluster <- if (m < 5) seq_len(n) else d$event; m <- length(unique(cluster))
  if (p == 0 || p == 1) { star <- n / (1 + (if (m < n) n / m - 1 else 0) * .05); q <- qnorm(.975) } else { v <- cr2(y, cluster); star <- min(n, p * (1 - p) / v[["v"]]); q <- qt(.975, v[["df"]]) }
  limits <- wilson(p, star, q)
  shares[[length(shares) + 1]] <- data.frame(case = case, group = group, theme = theme, value = p, n = n, n_effective = star, low = limits[1], high = limits[2])
}
pairs <- list()
for (case in unique(data$case)) {
  y <- as.matrix(data[data$case == case, paste0("t", 1:6)]); often <- which(colSums(y) >= 5); found <- list()
  for (i in often) for (j in often) if (i < j) {
    both <- sum(y[, i] & y[, j]); either <- sum(y[, i] | y[, j])
    found[[length(found) + 1]] <- data.frame(case = case, first = paste0("t", i), second = paste0("t", j), both = both, either = either, jaccard = both / either,
      lift = mean(y[, i] & y[, j]) / (mean(y[, i]) * mean(y[, j])), p = if (length(unique(y[, i])) < 2 || length(unique(y[, j])) < 2) 1 else fisher.test(table(y[, i], y[, j]))$p.value)
  }
  found <- do.call(rbind, found); found$adjusted <- p.adjust(found$p, "BH"); pairs[[case]] <- found
}
write_table(data, "data.csv")
write_table(do.call(rbind, shares), "expected.csv")
write_table(do.call(rbind, pairs), "pairs.csv")
