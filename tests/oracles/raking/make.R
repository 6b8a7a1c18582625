# Raked weights of R survey: rake() run to convergence, and calibrate(calfun = "raking"), which must agree.
# Run from this folder: Rscript make.R. Writes data.csv, population.csv, expected.csv.
suppressMessages(library(survey))
options(digits = 15)
VERSIONS <- sprintf("# R %s survey %s", getRversion(), packageVersion("survey"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}

# ---- a made-up survey whose margins are far from the population's, with correlated margins
set.seed(20211)
n <- 240
d <- data.frame(
  weight = round(exp(rnorm(n, 0, .6)), 4),
  ethnicity = sample(c("Asian", "Black", "White"), n, TRUE, c(.2, .3, .5)),
  sex = sample(c("Female", "Male"), n, TRUE, c(.65, .35)))
d$age_band <- ifelse(d$ethnicity == "White", sample(c("16-34", "35-54", "55+"), n, TRUE, c(.1, .25, .65)), sample(c("16-34", "35-54", "55+"), n, TRUE, c(.5, .35, .15)))
d$area <- ifelse(d$ethnicity == "White", sample(c("City", "County", "Rural"), n, TRUE, c(.2, .4, .4)), sample(c("City", "County", "Rural"), n, TRUE, c(.7, .2, .1)))
write_table(d, "data.csv", 15)
shares <- list(sex = c(Female = .51, Male = .49), age_band = c("16-34" = .34, "35-54" = .33, "55+" = .33), area = c(City = .41, County = .37, Rural = .22), ethnicity = c(Asian = .12, Black = .05, White = .83))
PERSONS <- 892000
population <- do.call(rbind, lapply(names(shares), function(v) data.frame(variable = v, category = names(shares[[v]]), persons = as.vector(shares[[v]]) * PERSONS)))
write_table(population, "population.csv", 15)

design <- svydesign(ids = ~1, weights = ~weight, data = d)
CASES <- list(two_margins = c("sex", "age_band"), three_margins = c("sex", "age_band", "area"), four_margins = c("sex", "age_band", "area", "ethnicity"))
expected <- do.call(rbind, lapply(names(CASES), function(case) {
  variables <- CASES[[case]]
  margins <- lapply(variables, function(v) setNames(data.frame(names(shares[[v]]), as.vector(shares[[v]]) * PERSONS), c(v, "Freq")))
  raked <- rake(design, lapply(variables, reformulate), margins, control = list(maxit = 20000, epsilon = 1e-7, verbose = FALSE))
  totals <- c("(Intercept)" = PERSONS, unlist(lapply(variables, function(v) setNames(shares[[v]][-1] * PERSONS, paste0(v, names(shares[[v]])[-1])))))
  calibrated <- calibrate(design, reformulate(variables), totals, calfun = "raking", epsilon = 1e-13, maxit = 5000)
  stopifnot(max(abs(weights(raked) / weights(calibrated) - 1)) < 1e-9)
  data.frame(case = case, row = seq_len(n), rake = weights(raked), calibrate = weights(calibrated))
}))
write_table(expected, "expected.csv")
