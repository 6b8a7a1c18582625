# Boschloo's exact test by enumerating every table, and the conditional odds ratio with its exact interval, for made-up
# counts. Run from this folder: Rscript make.R. Writes data.csv (counts) and expected.csv.
options(digits = 15)
VERSIONS <- sprintf("# R %s", getRversion())
write_table <- function(frame, file) { for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- sprintf("%.17g", frame[[name]]); writeLines(VERSIONS, file); suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, quote = FALSE)) }
counts <- data.frame(case = letters[1:8], went_yes = c(11L, 7L, 3L, 12L, 20L, 14L, 1L, 30L), went_no = c(0L, 8L, 12L, 3L, 10L, 11L, 19L, 25L), other_yes = c(9L, 9L, 20L, 1L, 18L, 2L, 11L, 22L), other_no = c(17L, 24L, 9L, 14L, 30L, 31L, 29L, 48L))
write_table(counts, "data.csv")
one_sided <- function(x1, n1, x2, n2) {                              # Fisher's p of every table orders them; the worst common share counts
  fisher <- outer(0:n1, 0:n2, Vectorize(function(a, b) phyper(a - 1, n1, n2, a + b, lower.tail = FALSE)))
  extreme <- fisher <= fisher[x1 + 1, x2 + 1] * (1 + 1e-9)
  chance <- function(p) sum(outer(dbinom(0:n1, n1, p), dbinom(0:n2, n2, p))[extreme])
  at <- (0:4000) / 4000; found <- sapply(at, chance); best <- which(found >= max(found) * .98)
  max(sapply(best, function(i) optimize(chance, c(max(at[i] - 1 / 4000, 0), min(at[i] + 1 / 4000, 1)), maximum = TRUE, tol = 1e-12)$objective), found) }
conditional <- function(x, n1, n2, m) {                              # noncentral hypergeometric; fisher.test solves to four digits only
  support <- max(0, m - n2):min(n1, m); base <- dhyper(support, n1, n2, m, log = TRUE)
  density <- function(lo) { d <- base + lo * support; d <- exp(d - max(d)); d / sum(d) }
  root <- function(f) exp(uniroot(f, c(-30, 30), tol = 1e-14)$root)
  c(if (x == min(support)) 0 else if (x == max(support)) Inf else root(function(lo) sum(density(lo) * support) - x),
    if (x == min(support)) 0 else root(function(lo) sum(density(lo)[support >= x]) - .025), if (x == max(support)) Inf else root(function(lo) sum(density(lo)[support <= x]) - .025)) }
out <- do.call(rbind, lapply(seq_len(nrow(counts)), function(i) { with(counts[i, ], { n1 <- went_yes + went_no; n2 <- other_yes + other_no
  p <- min(1, 2 * min(one_sided(went_yes, n1, other_yes, n2), one_sided(went_no, n1, other_no, n2)))
  data.frame(case = case, quantity = c("p_value", "odds_ratio", "conf_low", "conf_high"), value = c(p, conditional(went_yes, n1, n2, went_yes + other_yes))) }) }))
write_table(out, "expected.csv")
