# Those invited against those not, and three groups: weighted least squares by lm, CR2 and Satterthwaite degrees of freedom by
# clubSandwich. Run from this folder: Rscript make.R. Writes data.csv, expected.csv.
#
# invitation: lm(y ~ Z * z), z = adjusters less their weighted mean in the domain; estimate = coefficient of Z (Lin). Differences of
#   groups: both groups in one lm with everything interacted with the group.
# three way:  lm(y ~ 0 + group + z); level = coefficient of a group; differences of two of them.
suppressMessages(suppressWarnings(library(clubSandwich)))
options(digits = 15)
VERSIONS <- sprintf("# R %s clubSandwich %s", getRversion(), packageVersion("clubSandwich"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}

set.seed(2031)
sites <- data.frame(site = sprintf("site %02d", 1:16), level = rnorm(16, 0, .3), white = rbeta(16, 2, 2))
rows <- sites[rep(1:16, 12 + rpois(16, 9)), ]; n <- nrow(rows)
d <- data.frame(site = rows$site, weight = round(exp(rnorm(n, 0, .5)), 4), ethnicity = ifelse(runif(n) < rows$white, "White", "Black"),
  age_band = sample(c("16-34", "35-54", "55+"), n, TRUE), years_here = round(rgamma(n, 2, .2), 1))
d$invited <- ifelse(runif(n) < .5, "yes", "no")
d$attended <- ifelse(runif(n) < plogis(-2.5 + 2.6 * (d$invited == "yes") + .5 * (d$age_band == "55+")), "yes", "no")
latent <- rows$level + .3 * (d$attended == "yes") + .4 * (d$age_band == "55+") - .3 * (d$ethnicity == "Black") - .02 * d$years_here + rnorm(n)
d$confident <- as.numeric(latent > 0); d$score <- round(3 + latent, 2)
write_table(d, "data.csv", 15)

for (v in c("ethnicity", "age_band")) d[[v]] <- factor(d[[v]])
full <- model.matrix(~ age_band + years_here, d)[, -1]
Z <- as.numeric(d$invited == "yes")
three <- ifelse(d$attended == "yes", 1, ifelse(d$invited == "yes", 2, 3))
domains <- list("All respondents" = rep(TRUE, n), Black = d$ethnicity == "Black", White = d$ethnicity == "White")
centred <- function(k) { m <- colSums(full[k, ] * d$weight[k]) / sum(d$weight[k]); z <- sweep(full, 2, m); z[!k, ] <- 0; z }
out <- list()
answer <- function(case, y, domain, X, k, L, label) {   # columns are recombined so that L is the coefficient of one of them
  place <- which(L != 0)[1]; turn <- diag(ncol(X)); turn[place, ] <- L
  X <- X %*% solve(turn); colnames(X) <- paste0("v", seq_len(ncol(X)))
  f <- data.frame(y = d[[y]][k], X[k, , drop = FALSE]); f$w <- d$weight[k]
  m <- lm(reformulate(c("0", colnames(X)), "y"), f, weights = w)
  for (clusters in c("row", "site")) {
    group <- if (clusters == "row") seq_len(sum(k)) else d$site[k]
    t <- coef_test(m, vcov = vcovCR(m, cluster = group, type = "CR2"), test = "Satterthwaite", coefs = paste0("v", place))
    out[[length(out) + 1]] <<- data.frame(case, outcome = y, clusters, domain, label, estimate = t$beta, std_error = t$SE, df = t$df_Satt)
  }
}
for (y in c("confident", "score")) for (adjust in c("none", "age_band and years_here")) {
  one <- function(k) { z <- if (adjust == "none") full[, 0] else centred(k); cbind(as.numeric(k), Z * k, z, Z * z) }
  group <- function(k) { z <- if (adjust == "none") full[, 0] else centred(k); cbind(k * (three == 1), k * (three == 2), k * (three == 3), z) }
  lab <- if (adjust == "none") "raw" else "adjusted"
  for (g in names(domains)) {
    k <- domains[[g]]; X <- one(k); L <- rep(0, ncol(X)); L[2] <- 1
    answer(paste("invitation", lab), y, g, X, k, L, "yes - no")
    X <- group(k); at <- function(i, j) { L <- rep(0, ncol(X)); L[i] <- 1; if (j > 0) L[j] <- -1; L }
    answer(paste("three", lab), y, g, X, k, at(1, 3), "attended - not invited")
    answer(paste("three", lab), y, g, X, k, at(1, 2), "attended - invited, did not go")
    answer(paste("three", lab), y, g, X, k, at(2, 3), "invited, did not go - not invited")
    answer(paste("level", lab), y, g, X, k, at(2, 0), "invited, did not go")
  }
  X <- cbind(one(domains$Black), one(domains$White)); half <- ncol(X) / 2; L <- rep(0, ncol(X)); L[2] <- 1; L[half + 2] <- -1
  answer(paste("invitation", lab), y, "Black - White", X, rep(TRUE, n), L, "yes - no")
}
table <- do.call(rbind, out); table$label <- gsub(",", ";", table$label)
write_table(table, "expected.csv")
