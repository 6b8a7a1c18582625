# Regressions with a known term in the linear predictor: svyglm of R survey, and CR2 with Satterthwaite degrees of freedom
# by full n x n matrices (as in ../cr2), checked against clubSandwich where that covers the case (no survey weights).
# Run from this folder: Rscript make.R. Writes data.csv, expected.csv.
#
# contacts over `hours` of events: poisson, log link, offset log(hours): a rate an hour
# confident after a score known beforehand: binomial, logit link, offset `prior` (a log odds)
# score less what it was before: gaussian, offset `before`
# rate of everybody for one hour: theta = sum w_i exp(x_i'b) / W, influence (mu_i - theta) / W + G' A^-1 x_i (y_i - mu_i)
suppressMessages(suppressWarnings({library(survey); library(clubSandwich)}))
options(survey.lonely.psu = "fail", digits = 15)
VERSIONS <- sprintf("# R %s survey %s clubSandwich %s", getRversion(), packageVersion("survey"), packageVersion("clubSandwich"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}
cr2 <- function(X, S, e, phi, cluster) {
  n <- nrow(X); bread <- solve(crossprod(S, X)); IH <- diag(n) - X %*% bread %*% t(S); root <- sqrt(phi); meat <- 0; P <- vector("list", ncol(X))
  for (j in unique(cluster)) {
    k <- which(cluster == j); T <- sweep(IH[k, , drop = FALSE], 2, root, "*"); B <- root[k] * t(root[k] * t(tcrossprod(T)))
    eg <- eigen((B + t(B)) / 2, symmetric = TRUE); ok <- eg$values > 1e-10 * max(eg$values); U <- eg$vectors[, ok, drop = FALSE]
    A <- root[k] * t(root[k] * t(U %*% (eg$values[ok]^-.5 * t(U))))
    SA <- crossprod(S[k, , drop = FALSE], A); u <- SA %*% e[k]; meat <- meat + tcrossprod(u)
    for (r in seq_len(ncol(X))) P[[r]] <- cbind(P[[r]], as.vector(bread[r, ] %*% SA %*% T))
  }
  list(V = bread %*% meat %*% t(bread), df = sapply(P, function(p) { G <- crossprod(p); sum(diag(G))^2 / sum(G^2) }))
}

set.seed(909)
sites <- data.frame(stratum = rep(c("city", "county"), each = 8), site = rep(1:8, 2), level = rnorm(16, 0, .3))
rows <- sites[rep(1:16, 5 + rpois(16, 6)), ]; n <- nrow(rows)
d <- data.frame(stratum = rows$stratum, site = rows$site, weight = round(exp(rnorm(n, 0, .5)), 4), sex = sample(c("Female", "Male"), n, TRUE),
  group = sample(c("Asian", "Black", "White"), n, TRUE), years = round(rgamma(n, 2, .3), 1), hours = sample(c(.5, 1, 2, 3, 8, 24), n, TRUE), before = round(rnorm(n, 3, .7), 2))
d$prior <- round(d$before - 3 + rnorm(n, 0, .2), 2)
latent <- rows$level + .3 * (d$sex == "Male") - .4 * (d$group == "Black") + .02 * d$years
d$contacts <- rpois(n, d$hours * exp(latent - .5)); d$confident <- rbinom(n, 1, plogis(latent + d$prior)); d$score <- round(d$before + latent + rnorm(n, 0, .6), 2)
d$years[runif(n) < .04] <- NA; d$hours[runif(n) < .03] <- NA
write_table(d, "data.csv", 15)

for (v in c("sex", "group")) d[[v]] <- factor(d[[v]])
d$row <- seq_len(n); d$unit <- paste(d$stratum, d$site)
MODELS <- list(gaussian = list(y = "score", off = "before", link = gaussian(), plain = gaussian()), binomial = list(y = "confident", off = "prior", link = quasibinomial(), plain = binomial()),
  poisson = list(y = "contacts", off = "log(hours)", link = quasipoisson(), plain = poisson()))
name <- function(term) { for (v in c("sex", "group")) term <- gsub(paste0(v, "([^:]+)"), paste0(v, "[T.\\1]"), term); sub("(Intercept)", "Intercept", term, fixed = TRUE) }
exact <- glm.control(epsilon = 1e-15, maxit = 100); out <- list()
keep <- function(case, clusters, family, label, estimate, std_error, df) out[[length(out) + 1]] <<- data.frame(case, clusters, family, label, estimate = as.vector(estimate), std_error = as.vector(std_error), df = as.vector(df))
for (family in names(MODELS)) for (clusters in c("row", "unit")) {
  m <- MODELS[[family]]; f <- as.formula(paste(m$y, "~ sex * group + years + offset(", m$off, ")"))
  design <- if (clusters == "row") svydesign(ids = ~1, weights = ~weight, data = d) else svydesign(ids = ~site, strata = ~stratum, weights = ~weight, data = d, nest = TRUE)
  s <- suppressWarnings(svyglm(f, design, family = m$link, control = exact)); b <- coef(s)
  keep("taylor", clusters, family, name(names(b)), b, sqrt(diag(vcov(s))), s$df.residual)
  used <- complete.cases(d[c(m$y, "sex", "group", "years", all.vars(parse(text = m$off)))]); u <- d[used, ]
  fitted <- function(weight, family) { u$used_weight <- weight; suppressWarnings(glm(f, family, u, weights = used_weight, control = exact)) }
  one <- function(model, weight) { X <- model.matrix(model); mu <- fitted.values(model)
    phi <- m$link$variance(mu); cr2(phi * X, weight * X, u[[m$y]] - mu, phi, u[[clusters]]) }
  plain <- fitted(rep(1, nrow(u)), m$plain); fit <- one(plain, rep(1, nrow(u)))
  t <- suppressMessages(coef_test(plain, vcov = "CR2", cluster = u[[clusters]], test = "Satterthwaite"))
  stopifnot(max(abs(t$SE / sqrt(diag(fit$V)) - 1)) < 1e-6, max(abs(t$df_Satt / fit$df - 1)) < 1e-6)
  weighted <- fitted(u$weight, m$link); fit <- one(weighted, u$weight)
  stopifnot(max(abs(coef(weighted) - b)) < 1e-9)
  keep("cr2", clusters, family, name(names(b)), b, sqrt(diag(fit$V)), fit$df)
  if (family != "poisson") next
  filled <- d; filled$years[!used] <- 0; filled$hours[!used] <- 1; X <- model.matrix(~ sex * group + years, filled); w <- d$weight
  for (hours in c(1, 10)) {
    mu <- as.vector(exp(X %*% b) * hours); own <- as.vector(exp(X %*% b) * filled$hours); W <- sum(w[used]); theta <- sum((w * mu)[used]) / W
    A <- crossprod(X, ifelse(used, w * own, 0) * X); G <- colSums((w * mu * X)[used, ]) / W
    z <- ifelse(used, (mu - theta) / W, 0) + as.vector((X * ifelse(used, d$contacts - own, 0)) %*% solve(A, G))
    keep("rate", clusters, family, as.character(hours), theta, SE(svytotal(~z, update(design, z = z))), s$df.residual)
  }
}
write_table(do.call(rbind, out), "expected.csv")
cat(n, "respondents,", length(out), "tables\n")
