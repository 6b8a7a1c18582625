# Days from raised to answered, done and told in a made-up action log, with open actions censored at the day of the record, by
# survival::survfit (Greenwood, log(-log) limits). Run from this folder: Rscript make.R. Writes data.csv and expected.csv.
library(survival); options(digits = 15)
VERSIONS <- sprintf("# R %s, survival %s", getRversion(), packageVersion("survival"))
write_table <- function(frame, file) { for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- if (inherits(frame[[name]], "Date")) as.character(frame[[name]]) else ifelse(is.na(frame[[name]]), NA, sprintf("%.17g", frame[[name]])); writeLines(VERSIONS, file); suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, quote = FALSE, na = "")) }
set.seed(9); n <- 48; as_of <- as.Date("2025-11-30")
raised <- as.Date("2023-10-07") + sort(sample(0:720, n, replace = TRUE))
wait <- ceiling(rexp(n, log(2) / 50)); more <- ceiling(rexp(n, log(2) / 160)); word <- ceiling(rexp(n, log(2) / 40))
cannot <- seq_len(n) %% 7 == 0
answered <- raised + wait; answered[answered > as_of] <- NA
done <- answered + more; done[cannot | done > as_of] <- NA
told <- answered + word; told[told > as_of | seq_len(n) %% 4 == 1] <- NA
status <- ifelse(is.na(answered), "not started", ifelse(cannot, "cannot act", ifelse(is.na(done), "in progress", "done")))
data <- data.frame(action = sprintf("A%02d", seq_len(n)), status, raised, answered, done, told, department = rep(c("Training", "Custody"), length.out = n))
long <- function(to, end, keep) data.frame(to, department = data$department, days = as.numeric(pmin(end, as_of, na.rm = TRUE) - raised), ended = !is.na(end))[keep, ]
all <- rbind(long("answered", answered, TRUE), long("done", done, status != "cannot act"), long("told", told, TRUE))
fit_one <- function(part, to, group) { fit <- survfit(Surv(days, ended) ~ 1, part, conf.type = "log-log"); s <- summary(fit, censored = TRUE); half <- quantile(fit, .5)
  curve <- function(quantity, value) data.frame(to, group, quantity = paste(quantity, s$time), value = as.numeric(value))
  rbind(curve("still_waiting", s$surv), curve("low", s$lower), curve("high", s$upper), curve("at_risk", s$n.risk),
    data.frame(to, group, quantity = c("median", "median_low", "median_high", "n", "open"), value = c(as.numeric(c(half$quantile, half$lower, half$upper)), nrow(part), sum(!part$ended)))) }
out <- do.call(rbind, lapply(c("answered", "done", "told"), function(to) do.call(rbind, lapply(c("", "Training", "Custody"), function(group)
  fit_one(all[all$to == to & (group == "" | all$department == group), ], to, group)))))
write_table(data, "data.csv")
out$value <- ifelse(is.na(out$value), "", sprintf("%.17g", out$value)); write_table(out, "expected.csv")
