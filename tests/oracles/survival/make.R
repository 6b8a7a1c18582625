# Waiting times by survival::survfit with Greenwood's variance and log(-log) limits, and its median. Made-up times with
# ties, open items and curves that stop above a half. Run from this folder: Rscript make.R. Writes data.csv and expected.csv.
library(survival); options(digits = 15)
VERSIONS <- sprintf("# R %s, survival %s", getRversion(), packageVersion("survival"))
write_table <- function(frame, file) { for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- sprintf("%.17g", frame[[name]]); writeLines(VERSIONS, file); suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, quote = FALSE, na = "")) }
set.seed(4)
make <- function(case, n, typical, longest) { wait <- ceiling(rexp(n, log(2) / typical)); last <- ceiling(runif(n, 0, longest)); data.frame(case = case, days = pmin(wait, last), done = as.integer(wait <= last)) }
data <- rbind(make("many", 150, 60, 400), make("ties", 60, 5, 30), make("mostly-open", 40, 300, 200), make("few", 8, 40, 300),
  data.frame(case = "all-done", days = c(3, 9, 9, 14, 30, 31, 77), done = 1L), data.frame(case = "half-to-the-end", days = c(10, 20, 30, 40), done = c(1L, 1L, 0L, 0L)),
  data.frame(case = "half-then-done", days = c(0, 20, 30, 40), done = c(1L, 1L, 0L, 1L)), data.frame(case = "none-done", days = c(5, 6, 7), done = 0L))
out <- do.call(rbind, lapply(unique(data$case), function(case) do.call(rbind, lapply(c(.95, .8), function(level) {
  fit <- survfit(Surv(days, done) ~ 1, data[data$case == case, ], conf.type = "log-log", conf.int = level); all <- summary(fit, censored = TRUE); half <- quantile(fit, .5)
  curve <- function(quantity, value) data.frame(case, level, quantity = paste(quantity, all$time), value = as.numeric(value))
  rbind(curve("still_waiting", all$surv), curve("std_error", all$std.err), curve("conf_low", all$lower), curve("conf_high", all$upper), curve("at_risk", all$n.risk), curve("done", all$n.event),
    data.frame(case, level, quantity = c("median", "median_low", "median_high"), value = as.numeric(c(half$quantile, half$lower, half$upper)))) }))))
out$value[is.nan(out$value)] <- NA
write_table(data, "data.csv")
out$value <- ifelse(is.na(out$value), "", sprintf("%.17g", out$value)); out$level <- as.character(out$level)
write_table(out, "expected.csv")
