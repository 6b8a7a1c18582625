# What needs statistics in the expectations: agreement of coders, waiting times, the paired change, the trend of events.
# Reads the demo records with the rules at the top of raw.py, feedback_tally.py, actions_tally.py and observations_tally.py.
# Waits: Kaplan-Meier, R survival, log-log limits; what has not ended waits until 30 September 2024. Answered: done, in
# progress with a day of answer, or can't be done with a reason. What can't be done is no part of the wait until done.
# Shares of forms: CR2 with events as clusters (clubSandwich), Satterthwaite's degrees of freedom, Wilson's interval on
# min(forms, p (1 - p) / v) forms.
# Run from this folder: Rscript statistics.R. Writes agreement.csv, shares.csv, waiting.csv, change.csv and trend.csv.
suppressPackageStartupMessages({ library(survival); library(clubSandwich) })
options(digits = 15)
DEMO <- "../../../surveys/events/demo"
THEMES <- sub("^\\[themes\\.(.*)\\]$", "\\1", grep("^\\[themes\\.", readLines("../../../surveys/events/events.toml"), value = TRUE))
VERSIONS <- sprintf("# R %s, survival %s, clubSandwich %s", getRversion(), packageVersion("survival"), packageVersion("clubSandwich"))
write_table <- function(frame, file) { for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.17g", frame[[name]])); writeLines(VERSIONS, file); suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, quote = which(names(frame) == "measure"), na = "")) }
records <- function(name) { found <- read.csv(file.path(DEMO, paste0(name, ".csv")), colClasses = "character", fileEncoding = "UTF-8-BOM", strip.white = TRUE, blank.lines.skip = TRUE); found[rowSums(found != "") > 0, ] }

# Agreement: alpha from coincidences, pair by pair; AC1 unit by unit; kappa of coders 1 and 2, its error by the delta method.
feedback <- records("feedback"); feedback <- feedback[!duplicated(feedback$item), ]
coders <- c("coder_1", "coder_2", "coder_3")
has <- function(cells, theme) ifelse(cells == "", NA, mapply(function(set) as.integer(theme %in% set), strsplit(cells, ";")))
alpha <- function(m) {
  o <- matrix(0, 2, 2)
  for (i in seq_len(nrow(m))) { x <- m[i, !is.na(m[i, ])] + 1; if (length(x) > 1) for (p in seq_along(x)) for (q in seq_along(x)) if (p != q) o[x[p], x[q]] <- o[x[p], x[q]] + 1 / (length(x) - 1) }
  each <- rowSums(o); n <- sum(each); 1 - (n - 1) * o[1, 2] / (each[1] * each[2]) }
ac1 <- function(m) {
  m <- m[rowSums(!is.na(m)) > 1, , drop = FALSE]; agree <- yes <- 0
  for (i in seq_len(nrow(m))) { x <- m[i, !is.na(m[i, ])]; pairs <- combn(length(x), 2); agree <- agree + mean(x[pairs[1, ]] == x[pairs[2, ]]); yes <- yes + mean(x) }
  agree <- agree / nrow(m); yes <- yes / nrow(m); chance <- 2 * yes * (1 - yes); (agree - chance) / (1 - chance) }
kappa <- function(m) {
  pair <- m[!is.na(m[, 1]) & !is.na(m[, 2]), 1:2]; p <- table(factor(pair[, 1], 0:1), factor(pair[, 2], 0:1)) / nrow(pair); agree <- sum(diag(p)); chance <- sum(rowSums(p) * colSums(p))
  c((agree - chance) / (1 - chance), nrow(pair)) }
rows <- list()
for (theme in THEMES) {
  m <- sapply(coders, function(coder) has(feedback[[coder]], theme)); found <- kappa(m)
  rows[[length(rows) + 1]] <- data.frame(theme, measure = c("Krippendorff's alpha", "Cohen's kappa", "Gwet's AC1"), value = c(alpha(m), found[1], ac1(m)), n = c(sum(rowSums(!is.na(m)) > 1), found[2], sum(rowSums(!is.na(m)) > 1)))
}
write_table(do.call(rbind, rows), "agreement.csv")

# Shares of forms that raise a theme.
coded <- feedback[feedback$agreed != "" | rowSums(feedback[coders] != "") > 0, ]
counted <- with(coded, ifelse(agreed != "", agreed, ifelse(coder_1 != "", coder_1, ifelse(coder_2 != "", coder_2, coder_3))))
forms <- tolower(coded$kind) == "form"; form <- paste(coded$event, coded$person)[forms]; rows <- list()
for (theme in THEMES) {
  y <- tapply(has(counted[forms], theme), form, max); event <- sub(" .*", "", names(y)); p <- mean(y); n <- length(y)
  found <- coef_test(lm(as.numeric(y) ~ 1), vcov = "CR2", cluster = event, test = "Satterthwaite"); size <- min(n, p * (1 - p) / found$SE^2); q <- qt(0.975, found$df)
  half <- q * sqrt(p * (1 - p) / size + q^2 / (4 * size^2)); rows[[length(rows) + 1]] <- data.frame(theme, value = p, low = (p + q^2 / (2 * size) - half) / (1 + q^2 / size), high = (p + q^2 / (2 * size) + half) / (1 + q^2 / size), n)
}
write_table(do.call(rbind, rows), "shares.csv")

# Waiting times.
log <- records("actions"); log <- log[log$theme != "", ]
dates <- c("raised", "answered", "done", "told"); log[dates] <- lapply(log[dates], as.Date, format = "%Y-%m-%d")
log$answered[!is.na(log$answered) & log$answered < log$raised] <- NA
refused <- log$status == "cannot act" & log$reason != ""
ends <- list(
  answered = ifelse(log$status == "done" & is.na(log$answered), log$done, ifelse(log$status == "done" | refused | log$status == "in progress", log$answered, NA)),
  done = ifelse(log$status == "done", log$done, NA), told = as.numeric(log$told))
last <- as.Date("2024-09-30"); rows <- list()
wait <- function(measure, from, on, keep) {
  on <- as.numeric(on)[keep]; from <- as.numeric(from)[keep]
  fit <- survfit(Surv(ifelse(is.na(on), as.numeric(last), on) - from, !is.na(on)) ~ 1, conf.type = "log-log"); found <- quantile(fit, 0.5)
  data.frame(measure, median = as.numeric(found$quantile), low = as.numeric(found$lower), high = as.numeric(found$upper), n = sum(keep), open = sum(is.na(on)), last_share = tail(fit$surv, 1)) }
for (end in names(ends)) rows[[end]] <- wait(paste("days to", end), log$raised, ends[[end]], if (end == "done") !refused else rep(TRUE, nrow(log)))
seen <- records("observations"); steps <- c("offered", "applied", "vetted", "attended"); seen[steps] <- lapply(seen[steps], as.Date, format = "%d/%m/%Y"); passed <- seen$vetting != "not passed"
for (pair in list(1:2, 2:3, 3:4, c(1, 4))) rows[[length(rows) + 1]] <- wait(paste("days from", steps[pair[1]], "to", steps[pair[2]]), seen[[steps[pair[1]]]], seen[[steps[pair[2]]]], !is.na(seen[[steps[pair[1]]]]) & (pair[2] < 4 | passed))
write_table(do.call(rbind, rows), "waiting.csv")

# Understanding before and after, of those with both scores: Student's interval; the sign test turned over.
score <- function(x) { x <- suppressWarnings(as.numeric(x)); ifelse(x >= 1 & x <= 5, x, NA) }
before <- score(seen$before); after <- score(seen$after); both <- !is.na(before) & !is.na(after)
mean_of <- function(measure, x) { found <- t.test(x); data.frame(measure, value = mean(x), low = found$conf.int[1], high = found$conf.int[2], n = length(x)) }
up <- sum(after[both] > before[both]); moved <- sum(after[both] != before[both]); exact <- binom.test(up, moved)$conf.int
left <- before[!is.na(before) & !both]; stayed <- before[both]; welch <- t.test(left, stayed)
write_table(rbind(mean_of("understanding before", before[both]), mean_of("understanding after", after[both]), mean_of("change in understanding", after[both] - before[both]),
  data.frame(measure = "went up, of those who moved", value = up / moved, low = exact[1], high = exact[2], n = moved),
  data.frame(measure = "understanding before: without an answer after minus with one", value = mean(left) - mean(stayed), low = welch$conf.int[1], high = welch$conf.int[2], n = length(left) + length(stayed))), "change.csv")

# Trend: events by half-year from the day after the first event, which starts the clock, to 30 September 2024, a Poisson
# regression on time with the days of each half-year as exposure and profile limits; and the median slope of attendees.
register <- records("register"); held <- as.Date(register$date); starts <- as.Date(c("2022-07-01", "2023-01-01", "2023-07-01", "2024-01-01", "2024-07-01", "2025-01-01"))
later <- held[held > min(held)]; n <- as.numeric(table(cut(later, starts, right = FALSE)))
days <- as.numeric(pmin(starts[-1], last + 1) - pmax(starts[-6], min(held) + 1)); year <- seq(0, 2, 0.5)
rate <- glm(n ~ year, poisson, offset = log(days), control = glm.control(epsilon = 1e-14)); best <- coef(rate)[["year"]]
apart <- function(slope) glm(n ~ 1, poisson, offset = log(days) + slope * year, control = glm.control(epsilon = 1e-14))$deviance - rate$deviance - qchisq(0.95, 1)
limits <- c(uniroot(apart, c(best - 5, best), tol = 1e-14)$root, uniroot(apart, c(best, best + 5), tol = 1e-14)$root)
pairs <- combn(length(held), 2); slopes <- (as.numeric(register$attendees)[pairs[2, ]] - as.numeric(register$attendees)[pairs[1, ]]) / as.numeric(held[pairs[2, ]] - held[pairs[1, ]]) * 365.25
write_table(data.frame(measure = c("events a year later for each event now", "attendees more at an event a year later"), value = c(exp(best), median(slopes)), low = c(exp(limits[[1]]), NA), high = c(exp(limits[[2]]), NA)), "trend.csv")
