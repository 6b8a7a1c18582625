# Before and after by area: weighted least squares by lm, CR2 and Satterthwaite degrees of freedom by clubSandwich, clusters being the
# areas. Run from this folder: Rscript make.R. Writes data.csv, expected.csv.
#
# lm(y ~ 0 + four groups + z), z = adjusters less their weighted mean in the domain; difference in differences = event later - event
# earlier - other later + other earlier. "each area": lm(y ~ 0 + areas + later + event x later). Without adjusters also by svyglm of
# survey, whose linearised variance (areas as PSUs) is that of variance = "taylor".
suppressMessages(suppressWarnings({library(clubSandwich); library(survey)}))
options(digits = 15)
VERSIONS <- sprintf("# R %s clubSandwich %s survey %s", getRversion(), packageVersion("clubSandwich"), packageVersion("survey"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}

set.seed(2033)
n <- 620; areas <- sprintf("area %d", 1:9); event_areas <- areas[c(1, 4, 5, 8)]
d <- data.frame(wave = sample(c("2020", "2022", "rerun"), n, TRUE, c(.15, .4, .45)), area = sample(areas, n, TRUE, c(.25, .15, .13, .11, .1, .09, .07, .06, .04)))
d$site <- paste(d$area, d$wave, sample(c("a", "b"), n, TRUE)); d$event_area <- ifelse(d$area %in% event_areas, "yes", "no")
d$weight <- round(exp(rnorm(n, 0, .5)), 4); d$ethnicity <- sample(c("Black", "White"), n, TRUE, c(.45, .55))
d$age_band <- sample(c("16-34", "35-54", "55+"), n, TRUE); d$years_here <- round(rgamma(n, 2, .2), 1)
level <- setNames(rnorm(9, 0, .3), areas)
latent <- level[d$area] + .2 * (d$wave == "rerun") + .4 * (d$event_area == "yes" & d$wave == "rerun") + .4 * (d$age_band == "55+") - .02 * d$years_here + rnorm(n)
d$confident <- as.numeric(latent > 0); d$score <- round(3 + latent, 2)
write_table(d, "data.csv", 15)

for (v in c("ethnicity", "age_band", "area")) d[[v]] <- factor(d[[v]])
full <- model.matrix(~ age_band + years_here, d)[, -1]
E <- d$event_area == "yes"; out <- list()
answer <- function(case, y, domain, X, k, L, label) {   # columns are recombined so that L is the coefficient of one of them
  place <- which(L != 0)[1]; turn <- diag(ncol(X)); turn[place, ] <- L
  X <- X %*% solve(turn); colnames(X) <- paste0("v", seq_len(ncol(X)))
  f <- data.frame(y = d[[y]][k], X[k, , drop = FALSE]); f$w <- d$weight[k]
  m <- lm(reformulate(c("0", colnames(X)), "y"), f, weights = w)
  for (clusters in c("area", "site", "row")) {
    group <- if (clusters == "row") seq_len(sum(k)) else droplevels(factor(d[[clusters]][k]))
    t <- coef_test(m, vcov = vcovCR(m, cluster = group, type = "CR2"), test = "Satterthwaite", coefs = paste0("v", place))
    out[[length(out) + 1]] <<- data.frame(case, outcome = y, clusters, domain, label, estimate = t$beta, std_error = t$SE, df = t$df_Satt)
  }
}
groups <- function(k, level, minus) cbind(k & E & d$wave == level, k & E & d$wave == minus, k & !E & d$wave == level, k & !E & d$wave == minus) * 1
for (pair in list(c("rerun", "2022"), c("2022", "2020"))) {
  waves <- d$wave %in% pair
  domains <- list("All respondents" = waves, Black = waves & d$ethnicity == "Black", White = waves & d$ethnicity == "White")
  centred <- function(k) { m <- colSums(full[k, ] * d$weight[k]) / sum(d$weight[k]); z <- sweep(full, 2, m); z[!k, ] <- 0; z }
  named <- paste(pair, collapse = " - ")
  for (y in c("confident", "score")) for (adjust in c("raw", "adjusted")) {
    if (pair[1] == "2022" && (adjust == "adjusted" || y == "score")) next
    one <- function(k) cbind(groups(k, pair[1], pair[2]), if (adjust == "raw") full[, 0] else centred(k))
    for (g in names(domains)) {
      k <- domains[[g]]; X <- one(k); at <- function(...) { L <- rep(0, ncol(X)); L[seq_along(c(...))] <- c(...); L }
      if (pair[1] == "2022" && g != "All respondents") next
      answer(adjust, y, g, X, k, at(1, -1, -1, 1), named)
      if (pair[1] == "2022") next
      answer(paste("change", adjust), y, g, X, k, at(1, -1), "yes"); answer(paste("change", adjust), y, g, X, k, at(0, 0, 1, -1), "no")
      answer(paste("level", adjust), y, g, X, k, at(1), "yes rerun"); answer(paste("level", adjust), y, g, X, k, at(0, 0, 0, 1), "no 2022")
    }
    if (pair[1] == "2022") next
    X <- cbind(one(domains$Black), one(domains$White)); L <- rep(0, ncol(X)); L[1:4] <- c(1, -1, -1, 1); L[ncol(X) / 2 + 1:4] <- -c(1, -1, -1, 1)
    answer(adjust, y, "Black - White", X, waves, L, named)
  }
  if (pair[1] == "rerun") for (y in c("confident", "score")) {
    X <- cbind(model.matrix(~ 0 + area, d), (d$wave == "rerun") * 1, (E & d$wave == "rerun") * 1); L <- rep(0, ncol(X)); L[ncol(X)] <- 1
    answer("each area", y, "All respondents", X * waves, waves, L, named)
    s <- svydesign(~area, weights = ~weight, data = transform(d, later = (wave == "rerun") * 1, event = E * 1)[waves, ])
    b <- summary(svyglm(reformulate("event * later", y), s))$coefficients["event:later", ]
    out[[length(out) + 1]] <- data.frame(case = "svyglm", outcome = y, clusters = "area", domain = "All respondents", label = named, estimate = b[[1]], std_error = b[[2]], df = NA)
  }
}
write_table(do.call(rbind, out), "expected.csv")
