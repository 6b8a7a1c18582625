# Attendees against others under balancing weights: propensity scores by svyglm, weights by formula, weighted regression by lm, CR2 and
# Satterthwaite degrees of freedom by clubSandwich. Run from this folder: Rscript make.R. Writes data.csv, expected.csv.
#
# e: survey-weighted logit of attendance on the adjusters, within each group; all respondents: with the groups' main effects
#   overlap    w (1 - e) attended, w e others;  target w e (1 - e)        att  w attended, w e / (1 - e) others;  target w attended
#   entropy    w attended, q others: q nearest to w (relative entropy) with the attendees' means;                 target w attended
# z = x less its target mean; lm(y ~ A * z) under these weights; estimate = coefficient of A. Black - White: both groups in one lm with
# everything interacted with the group, so that sites in both groups count once.
suppressMessages(suppressWarnings({library(survey); library(clubSandwich)}))
options(digits = 15)
VERSIONS <- sprintf("# R %s survey %s clubSandwich %s", getRversion(), packageVersion("survey"), packageVersion("clubSandwich"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}

set.seed(2029)
sites <- data.frame(site = sprintf("site %02d", 1:18), level = rnorm(18, 0, .3), white = rbeta(18, 2, 2))
rows <- sites[rep(1:18, 9 + rpois(18, 9)), ]; n <- nrow(rows)
d <- data.frame(site = rows$site, weight = round(exp(rnorm(n, 0, .5)), 4), ethnicity = ifelse(runif(n) < rows$white, "White", "Black"),
  age_band = sample(c("16-34", "35-54", "55+"), n, TRUE), sex = sample(c("Female", "Male"), n, TRUE), years_here = round(rgamma(n, 2, .2), 1))
p <- plogis(-.7 + .7 * (d$age_band == "55+") + .4 * (d$sex == "Male") - .03 * d$years_here + .4 * (d$ethnicity == "Black"))
d$attended <- ifelse(runif(n) < p, "yes", "no")
latent <- rows$level + .3 * (d$attended == "yes") + .5 * (d$age_band == "55+") - .4 * (d$ethnicity == "Black") - .02 * d$years_here + rnorm(n)
d$confident <- as.numeric(latent > 0); d$score <- round(3 + latent + rnorm(n, 0, .3), 2)
write_table(d, "data.csv", 15)

A <- as.numeric(d$attended == "yes"); w <- d$weight
for (v in c("ethnicity", "age_band", "sex")) d[[v]] <- factor(d[[v]])
adjusters <- model.matrix(~ age_band + sex + years_here, d)[, -1]
groups <- list("All respondents" = rep(TRUE, n), Black = d$ethnicity == "Black", White = d$ethnicity == "White")
out <- list()
keep <- function(method, outcome, clusters, group, quantity, value) out[[length(out) + 1]] <<- data.frame(method, outcome, clusters, group, quantity, value)
entropy <- function(x, a, w) {                       # Newton's method on the dual, to rounding error
  aim <- colSums(x[a == 1, ] * w[a == 1]) / sum(w[a == 1]); z <- sweep(x[a == 0, ], 2, aim); scale <- apply(abs(z), 2, max); z <- sweep(z, 2, scale, "/"); u <- w[a == 0]; l <- rep(0, ncol(z))
  for (i in 1:100) { q <- u * exp(drop(z %*% l)); g <- colSums(z * q) / sum(q); H <- crossprod(z * q, z) / sum(q) - tcrossprod(g); l <- l - solve(H, g); if (max(abs(g)) < 1e-15) break }
  q <- u * exp(drop(z %*% l)); stopifnot(max(abs(colSums(z * q) / sum(q))) < 1e-14); full <- w; full[a == 0] <- q * sum(w[a == 1]) / sum(q); full
}
balanced <- function(group, method) {
  k <- groups[[group]]; x <- adjusters[k, ]; if (group == "All respondents") x <- cbind(x, White = as.numeric(d$ethnicity == "White")); a <- A[k]; u <- w[k]
  design <- svydesign(ids = ~1, weights = ~u, data = data.frame(a, x, u))
  e <- suppressWarnings(fitted(svyglm(reformulate(colnames(data.frame(x)), "a"), design, family = quasibinomial(), control = glm.control(epsilon = 1e-15, maxit = 100))))
  e <- as.vector(e); tilted <- switch(method, overlap = u * ifelse(a == 1, 1 - e, e), att = u * ifelse(a == 1, 1, e / (1 - e)), entropy = entropy(x, a, u))
  target <- switch(method, overlap = u * e * (1 - e), att = u * a, entropy = u * a)
  list(k = k, a = a, z = sweep(x, 2, colSums(x * target) / sum(target)), x = x, w = tilted, e = e)
}
kish <- function(w) sum(w)^2 / sum(w^2)
block <- function(b, y) { frame <- data.frame(y = y[b$k], A = b$a, b$z, W = b$w); lm(as.formula(paste("y ~ A * (", paste(colnames(data.frame(b$z)), collapse = "+"), ")")), frame, weights = W) }
tested <- function(model, cluster, term) { t <- coef_test(model, vcov = "CR2", cluster = cluster, test = "Satterthwaite"); t[term, ] }
for (method in c("overlap", "att", "entropy")) {
  parts <- lapply(setNames(names(groups), names(groups)), balanced, method = method)
  for (g in names(groups)) { b <- parts[[g]]
    keep(method, "", "", g, "n_effective attended", kish(b$w[b$a == 1])); keep(method, "", "", g, "n_effective not attended", kish(b$w[b$a == 0]))
    if (method == "overlap") { keep(method, "", "", g, "score_low attended", min(b$e[b$a == 1])); keep(method, "", "", g, "score_high not attended", max(b$e[b$a == 0])) }
    gap <- sapply(1:ncol(b$x), function(j) weighted.mean(b$x[b$a == 1, j], b$w[b$a == 1]) - weighted.mean(b$x[b$a == 0, j], b$w[b$a == 0]))
    if (method != "att") stopifnot(max(abs(gap)) < 1e-11)
    keep(method, "", "", g, "difference_after sex", gap[colnames(b$x) == "sexMale"]) }
  for (y in c("confident", "score")) {
    for (g in names(groups)) { b <- parts[[g]]; yy <- d[[y]]; m <- block(b, yy)
      keep(method, y, "", g, "simple", weighted.mean(yy[b$k][b$a == 1], b$w[b$a == 1]) - weighted.mean(yy[b$k][b$a == 0], b$w[b$a == 0]))
      keep(method, y, "", g, "mean not attended", coef(m)[["(Intercept)"]])
      for (clusters in c("row", "site")) { t <- tested(m, if (clusters == "row") seq_len(sum(b$k)) else d$site[b$k], "A")
        keep(method, y, clusters, g, "estimate", coef(m)[["A"]]); keep(method, y, clusters, g, "std_error", t$SE); keep(method, y, clusters, g, "df", t$df_Satt) } }
    B <- parts$Black; W <- parts$White; sides <- function(b, f) { full <- matrix(0, n, ncol(f)); full[b$k, ] <- f; full }
    one <- function(b) cbind(1, b$z, b$a * b$z); X <- cbind(sides(B, one(B)), sides(W, one(W)), A, A * groups$Black); colnames(X) <- c(paste0("v", seq_len(ncol(X) - 2)), "both", "difference")
    full <- numeric(n); full[B$k] <- B$w; full[W$k] <- W$w
    m <- lm(reformulate(c("0", colnames(X)), "y"), data.frame(y = d[[y]], X), weights = full)
    for (clusters in c("row", "site")) { t <- tested(m, if (clusters == "row") seq_len(n) else d$site, "difference")
      keep(method, y, clusters, "Black - White", "estimate", t$beta); keep(method, y, clusters, "Black - White", "std_error", t$SE); keep(method, y, clusters, "Black - White", "df", t$df_Satt) }
  }
}
write_table(do.call(rbind, out), "expected.csv")
