# Shares of offers by prop.test (Wilson, uncorrected), paired and Welch's t.test, and binom.test of those who moved, of made-up
# lay observation. Run from this folder: Rscript make.R. Writes data.csv and expected.csv.
options(digits = 15); VERSIONS <- sprintf("# R %s, stats", getRversion())
write_table <- function(frame, file) { for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- if (inherits(frame[[name]], "Date")) as.character(frame[[name]]) else ifelse(is.na(frame[[name]]), NA, sprintf("%.17g", frame[[name]])); writeLines(VERSIONS, file); suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, quote = FALSE, na = "")) }
set.seed(21); n <- 140
applied <- runif(n) < .6; vetted <- applied & runif(n) < .8; passed <- vetted & runif(n) < .85; attended <- passed & runif(n) < .7
before <- sample(1:5, n, TRUE, c(2, 3, 3, 2, 1)); after <- pmin(5, pmax(1, before + sample(-1:2, n, TRUE, c(1, 4, 5, 2))))
before[seq_len(n) %% 9 == 0] <- NA; after[!attended | seq_len(n) %% 5 == 0] <- NA
data <- data.frame(person = sprintf("P%03d", seq_len(n)), applied, vetted, passed, attended, before, after)
share <- function(measure, x, base) { k <- sum(x); m <- sum(base); ci <- prop.test(k, m, correct = FALSE)$conf.int; data.frame(measure, value = k / m, low = ci[1], high = ci[2], n = m) }
mean_of <- function(measure, test, value, m) data.frame(measure, value, low = test$conf.int[1], high = test$conf.int[2], n = m)
both <- !is.na(before) & !is.na(after); change <- (after - before)[both]; left <- before[!is.na(before) & is.na(after)]; moved <- sum(change != 0); every <- rep(TRUE, n)
out <- rbind(share("applied, of those offered", applied, every), share("vetted, of those applied", vetted, applied), share("vetted, of those offered", vetted, every),
  share("passed, of those vetted", passed, vetted), share("not passed, of those vetted", vetted & !passed, vetted), share("attended, of those passed", attended, passed), share("attended, of those offered", attended, every),
  mean_of("understanding before", t.test(before[both]), mean(before[both]), sum(both)), mean_of("understanding after", t.test(after[both]), mean(after[both]), sum(both)),
  mean_of("change in understanding", t.test(after[both], before[both], paired = TRUE), mean(change), sum(both)),
  share("understanding went up", change > 0, change == change), share("understanding stayed the same", change == 0, change == change), share("understanding went down", change < 0, change == change),
  mean_of("went up, of those who moved", binom.test(sum(change > 0), moved), sum(change > 0) / moved, moved),
  share("no answer after, of those who answered before", is.na(after[!is.na(before)]), rep(TRUE, sum(!is.na(before)))),
  mean_of("understanding before: without an answer after minus with one", t.test(left, before[both]), mean(left) - mean(before[both]), sum(!is.na(before))),
  data.frame(measure = "sign test", value = binom.test(sum(change > 0), moved)$p.value, low = NA, high = NA, n = moved))
for (name in names(data)) if (is.logical(data[[name]])) data[[name]] <- as.integer(data[[name]])
out$measure <- gsub(",", ";", out$measure); write_table(data, "data.csv"); write_table(out, "expected.csv")
