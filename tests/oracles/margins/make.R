# Average predictions and comparisons by hand, with the whole influence function, for a made-up stratified, clustered survey.
# Run from this folder: Rscript make.R. Writes data.csv, population.csv, expected.csv.
#
# theta_g = sum over g of w_i d_i / W_g, d_i a prediction or the difference of two. Its influence has two parts:
#   u_i = 1(i in g) (d_i - theta_g) / W_g + G_g' u_i(b),  G_g = d theta_g / d b,  u_i(b) = A^-1 score_i
# "std_error" is that of both, "std_error_fixed" leaves the first part out.
#   taylor     SE(svytotal(~u)), that is svyrecvar; "fixed" is checked against vcov(svyglm). Ordered answers: proportional
#              odds solved to rounding error, with scores by complex steps of the log-likelihood and the Hessian by complex
#              steps of the scores (svyolr stops early).
#   jackknife  every average again under the weights of each replicate, with the coefficients of that replicate.
#   cr2        full matrices. Coefficients: t_j = G'B S_j' A_j e_j as in ../cr2; respondents: the same for the mean of d_i in
#              g, the regression on a constant; V = sum_j (t_j + q_j)^2. With P_j = G'B S_j' A_j T_j for each part,
#              G_jl = s^2 P_j' P_l (coefficients) + sum over g of tau_g^2 P_gj' P_gl (respondents), df = tr(G)^2 / sum G_jl^2,
#              s^2 = n / (n - p) sum w e^2 / sum w v, tau_g^2 the variance of d_i in g over 1 - sum of squared shares.
suppressMessages(library(survey))
options(survey.lonely.psu = "fail", digits = 15)
VERSIONS <- sprintf("# R %s survey %s", getRversion(), packageVersion("survey"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}

set.seed(1107)
psus <- do.call(rbind, lapply(c("city", "county"), function(s) data.frame(stratum = s, psu = 1:8)))
psus$level <- rnorm(nrow(psus), 0, .4); psus$white <- rbeta(nrow(psus), 2, 2)
rows <- psus[rep(seq_len(nrow(psus)), 7 + rpois(nrow(psus), 6)), ]; n <- nrow(rows)
d <- data.frame(
  stratum = rows$stratum, psu = rows$psu, site = paste(rows$stratum, rows$psu), weight = round(exp(rnorm(n, 0, .5)), 4),
  ethnicity = ifelse(runif(n) < rows$white, "White", sample(c("Asian", "Black"), n, TRUE)), sex = sample(c("Female", "Male"), n, TRUE),
  years_here = round(rgamma(n, 2, .2), 1), hours = round(runif(n, 1, 9), 2))
d$attended <- ifelse(runif(n) < plogis(-.6 + .7 * (d$ethnicity == "Black") + .03 * d$years_here), "yes", "no")
latent <- rows$level + .4 * (d$attended == "yes") - .6 * (d$ethnicity == "Black") + .02 * d$years_here + rnorm(n)
d$confident <- as.numeric(latent + rlogis(n, 0, .4) > .2); d$score <- round(3 + latent, 2); d$contacts <- rpois(n, d$hours * exp(-.9 - .2 * latent))
d$answer <- findInterval(latent + rlogis(n, 0, .5), c(-.8, .2, 1.1)) + 1
d$confident[runif(n) < .05] <- NA; d$sex[runif(n) < .03] <- NA; d$answer[runif(n) < .04] <- NA
write_table(d, "data.csv", 15)
population <- data.frame(variable = rep(c("ethnicity", "sex_known"), c(3, 3)), category = c("Asian", "Black", "White", "Female", "Male", "unknown"), persons = c(90000, 70000, 340000, 245000, 240000, 15000))
write_table(population, "population.csv", 15)

d$sex_known <- ifelse(is.na(d$sex), "unknown", d$sex)
for (v in c("ethnicity", "sex", "attended", "sex_known")) d[[v]] <- factor(d[[v]])
plain <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = d, nest = TRUE)
totals <- c("(Intercept)" = 500000, ethnicityBlack = 70000, ethnicityWhite = 340000, sex_knownMale = 240000, sex_knownunknown = 15000)
designs <- list(rows = svydesign(ids = ~1, weights = ~weight, data = d), stratified = plain,
  raked = calibrate(plain, ~ethnicity + sex_known, totals, calfun = "raking", epsilon = 1e-13, maxit = 2000))
RIGHT <- "attended * ethnicity + sex + years_here"
MODELS <- list(gaussian = list(formula = paste("score ~", RIGHT), family = gaussian()), binomial = list(formula = paste("confident ~", RIGHT), family = quasibinomial()),
  poisson = list(formula = paste("contacts ~", RIGHT, "+ offset(log(hours))"), family = quasipoisson()))
GROUPS <- c("all", levels(d$ethnicity)); used_of <- function(y) complete.cases(d[c(y, "sex")])
filled <- d; filled$sex[is.na(d$sex)] <- "Female"
set_to <- function(frame, variable, value) { frame[[variable]] <- if (is.factor(frame[[variable]])) factor(value, levels = levels(frame[[variable]])) else value; frame }
# what is averaged, as the two sides of a difference (the second may be NULL)
FRAMES <- list("attended: yes - no" = list(set_to(filled, "attended", "yes"), set_to(filled, "attended", "no")),
  "years_here: 20 - 5" = list(set_to(filled, "years_here", 20), set_to(filled, "years_here", 5)),
  "years_here: +5" = list({ x <- filled; x$years_here <- x$years_here + 5; x }, filled),
  "as they are" = list(filled, NULL), "attended = yes" = list(set_to(filled, "attended", "yes"), NULL),
  "attended: yes - no at years_here = 10" = list(set_to(set_to(filled, "attended", "yes"), "years_here", 10), set_to(set_to(filled, "attended", "no"), "years_here", 10)))
out <- list()
keep <- function(variance, design, family, what, answer, group, quantity, value) out[[length(out) + 1]] <<- data.frame(variance, design, family, what, answer, group, quantity, value = as.vector(value))
total_se <- function(design, u) as.vector(SE(svytotal(~u, update(design, u = u))))
H <- 1e-30
domains <- function(used) c(lapply(setNames(GROUPS, GROUPS), function(g) used & (g == "all" | d$ethnicity == g)), list(attendees = used & d$attended == "yes"))
averages <- function(value, w, used) sapply(domains(used), function(g) sum(w[g] * value[g]) / sum(w[g]))
report <- function(variance, dn, family, what, answer, value, gradient_of, influence, w, used, design) {   # both parts in every group
  parts <- lapply(domains(used), function(g) { theta <- sum(w[g] * value[g]) / sum(w[g]); fixed <- as.vector(influence %*% gradient_of(g))
    list(theta = theta, u = ifelse(g, (value - theta) / sum(w[g]), 0) + fixed, fixed = fixed) })
  parts[["Black - White"]] <- Map(function(a, b) a - b, parts$Black, parts$White)
  for (g in names(parts)) { keep(variance, dn, family, what, answer, g, "estimate", parts[[g]]$theta)
    keep(variance, dn, family, what, answer, g, "std_error", total_se(design, parts[[g]]$u)); keep(variance, dn, family, what, answer, g, "std_error_fixed", total_se(design, parts[[g]]$fixed)) }
}

# ---- taylor: linear, logistic and Poisson regression (the last per hour: offset)
for (dn in names(designs)) for (mn in names(MODELS)) {
  model <- MODELS[[mn]]; design <- designs[[dn]]; w <- weights(design, "sampling"); y <- all.vars(as.formula(model$formula))[1]; used <- used_of(y)
  f <- suppressWarnings(svyglm(as.formula(model$formula), design, family = model$family, control = glm.control(epsilon = 1e-15, maxit = 100)))
  b <- coef(f); tt <- delete.response(terms(f)); X_of <- function(frame) model.matrix(tt, frame)
  shift_of <- function(frame) if (mn == "poisson") log(frame$hours) else 0
  inverse <- model$family$linkinv; slope <- model$family$mu.eta; e <- function(frame) as.vector(X_of(frame) %*% b) + shift_of(frame)
  own <- e(filled); X <- X_of(filled); outcome <- ifelse(used, d[[y]], 0)
  influence <- (X * ifelse(used, outcome - inverse(own), 0)) %*% solve(crossprod(X, ifelse(used, w * slope(own), 0) * X))
  for (what in names(FRAMES)) { pair <- FRAMES[[what]]; one <- e(pair[[1]]); value <- inverse(one); rows_of <- slope(one) * X_of(pair[[1]])
    if (!is.null(pair[[2]])) { two <- e(pair[[2]]); value <- value - inverse(two); rows_of <- rows_of - slope(two) * X_of(pair[[2]]) }
    gradient_of <- function(g) colSums(rows_of[g, , drop = FALSE] * w[g]) / sum(w[g])
    report("taylor", dn, mn, what, "", value, gradient_of, influence, w, used, design)
    G <- gradient_of(used); stopifnot(abs(sqrt(G %*% vcov(f) %*% G) / total_se(design, as.vector(influence %*% G)) - 1) < 1e-8) }
  if (mn == "poisson") { hour <- set_to(filled, "hours", 1); value <- inverse(e(hour)); rows_of <- slope(e(hour)) * X_of(hour)
    report("taylor", dn, mn, "hours = 1", "", value, function(g) colSums(rows_of[g, , drop = FALSE] * w[g]) / sum(w[g]), influence, w, used, design) }
}

# ---- taylor: proportional odds
logistic <- function(z) 1 / (1 + exp(-z))
used <- used_of("answer"); tt <- delete.response(terms(as.formula(paste("answer ~", RIGHT)))); Xo <- function(frame) model.matrix(tt, frame)[, -1]
p <- ncol(Xo(filled)); q <- 3; place <- ifelse(used, d$answer, 1)
cumulative <- function(theta, X) { eta <- as.vector(X %*% theta[1:p]); cbind(sapply(1:q, function(k) logistic(theta[p + k] - eta)), 1) }
chances <- function(theta, X) { cum <- cumulative(theta, X); cbind(cum[, 1], cum[, 2:4] - cum[, 1:3]) }
pick <- function(theta, X) chances(theta, X)[cbind(seq_along(place), place)]
score_of <- function(theta, X) {                      # by the chain rule, so that complex steps give the Hessian
  cum <- cumulative(theta, X); f <- cum * (1 - cum); at <- function(m, k) ifelse(k < 1, 0, m[cbind(seq_along(k), pmax(k, 1))])
  high <- at(f, place); low <- at(f, place - 1); chance <- pick(theta, X)
  cbind(-X * (high - low), sapply(1:q, function(k) (place == k) * high - (place - 1 == k) * low)) / chance }
complex_step <- function(fun, theta) sapply(seq_along(theta), function(k) { t <- as.complex(theta); t[k] <- t[k] + 1i * H; Im(fun(t)) / H })
solve_odds <- function(w, X) { weight <- ifelse(used, w, 0) / mean(w); theta <- c(rep(0, p), qlogis(cumsum(tapply(weight, place, sum) / sum(weight))[1:q]))
  for (i in 1:60) { hessian <- complex_step(function(t) colSums(weight * score_of(t, X)), theta); step <- solve(hessian, colSums(weight * score_of(theta, X))); theta <- theta - step; if (max(abs(step)) < 1e-14) break }
  theta }
X <- Xo(filled)
ANSWERS <- list("1" = 1, "2" = 2, "3" = 3, "4" = 4, "3 or 4" = 3:4)
ordinal_value <- function(theta, pair, answer) { one <- rowSums(chances(theta, Xo(pair[[1]]))[, answer, drop = FALSE]); if (is.null(pair[[2]])) one else one - rowSums(chances(theta, Xo(pair[[2]]))[, answer, drop = FALSE]) }
for (dn in names(designs)) { design <- designs[[dn]]; w <- weights(design, "sampling"); theta <- solve_odds(w, X)
  scores <- complex_step(function(t) log(pick(t, X)), theta); stopifnot(max(abs(scores - score_of(theta, X))) < 1e-10, max(abs(colSums(ifelse(used, w, 0) * scores))) / sum(w) < 1e-12)
  hessian <- complex_step(function(t) colSums(ifelse(used, w, 0) * score_of(t, X)), theta); influence <- (ifelse(used, 1, 0) * scores) %*% solve(-(hessian + t(hessian)) / 2)
  for (what in names(FRAMES)[c(1, 3, 4, 5)]) for (answer in names(ANSWERS)) {
    value <- ordinal_value(theta, FRAMES[[what]], ANSWERS[[answer]])
    gradient_of <- function(g) as.vector(complex_step(function(t) sum(w[g] * ordinal_value(t, FRAMES[[what]], ANSWERS[[answer]])[g]) / sum(w[g]), theta))
    report("taylor", dn, "ordinal", what, answer, value, gradient_of, influence, w, used, design) } }

# ---- jackknife: everything again in every replicate
for (dn in c("rows", "stratified")) { rep <- as.svrepdesign(designs[[dn]], type = if (dn == "rows") "JK1" else "JKn", mse = TRUE, compress = FALSE); W <- weights(rep, "analysis"); full <- weights(designs[[dn]], "sampling")
  variance <- function(values, centre) svrVar(values, rep$scale, rep$rscales, mse = TRUE, coef = centre)
  for (mn in c("binomial", "ordinal")) for (what in c("attended: yes - no", "as they are")) { pair <- FRAMES[[what]]; y <- if (mn == "ordinal") "answer" else "confident"; used <- used_of(y)
    Xb <- model.matrix(tt, filled)
    coefficients <- function(w) if (mn == "ordinal") solve_odds(w, X) else suppressWarnings(glm.fit(Xb[used & w > 0, ], d[[y]][used & w > 0], w[used & w > 0], family = quasibinomial(), control = glm.control(epsilon = 1e-15, maxit = 100))$coefficients)
    value <- function(b) if (mn == "ordinal") ordinal_value(b, pair, 3:4) else { one <- plogis(as.vector(model.matrix(tt, pair[[1]]) %*% b)); if (is.null(pair[[2]])) one else one - plogis(as.vector(model.matrix(tt, pair[[2]]) %*% b)) }
    all_of <- function(w, over) { a <- averages(value(coefficients(w)), over, used); c(a, "Black - White" = a[["Black"]] - a[["White"]]) }
    centre <- all_of(full, full); again <- t(apply(W, 2, function(w) all_of(w, w))); fixed <- t(apply(W, 2, function(w) all_of(w, full)))
    s <- sqrt(diag(as.matrix(variance(again, centre)))); sf <- sqrt(diag(as.matrix(variance(fixed, centre)))); label <- if (mn == "ordinal") "3 or 4" else ""
    for (g in names(centre)) { keep("jackknife", dn, mn, what, label, g, "estimate", centre[[g]]); keep("jackknife", dn, mn, what, label, g, "std_error", s[[match(g, names(centre))]]); keep("jackknife", dn, mn, what, label, g, "std_error_fixed", sf[[match(g, names(centre))]]) } } }

# ---- cr2 by full matrices
root_parts <- function(X, S, phi, cluster, target) {   # per cluster: target' A_j (a row) and target' A_j T_j
  n <- nrow(X); bread <- solve(crossprod(S, X)); IH <- diag(n) - X %*% bread %*% t(S); root <- sqrt(phi); a <- numeric(n); P <- NULL
  for (j in unique(cluster)) { k <- which(cluster == j); T <- sweep(IH[k, , drop = FALSE], 2, root, "*"); B <- root[k] * t(root[k] * t(tcrossprod(T)))
    eg <- eigen((B + t(B)) / 2, symmetric = TRUE); ok <- eg$values > 1e-10 * max(eg$values, max(phi[k])^2); U <- eg$vectors[, ok, drop = FALSE]
    A <- if (any(ok)) root[k] * t(root[k] * t(U %*% (eg$values[ok]^-.5 * t(U)))) else matrix(0, length(k), length(k))
    row <- as.vector((S[k, , drop = FALSE] %*% bread %*% target)[, 1] %*% A); a[k] <- row; P <- cbind(P, as.vector(row %*% T)) }
  list(a = a, P = P, clusters = unique(cluster)) }
for (clusters in c("row", "site")) for (mn in c("gaussian", "binomial")) {
  y <- c(gaussian = "score", binomial = "confident")[[mn]]; used <- used_of(y); u <- d[used, ]; w <- u$weight; at <- function(frame) model.matrix(tt, frame[used, ]); N <- nrow(u)
  cluster <- if (clusters == "row") seq_len(N) else u$site
  m <- suppressWarnings(glm(as.formula(paste(y, "~", RIGHT)), if (mn == "gaussian") gaussian() else quasibinomial(), u, weights = w, control = glm.control(epsilon = 1e-15, maxit = 100)))
  b <- coef(m); Z <- model.matrix(m); inverse <- m$family$linkinv; slope <- m$family$mu.eta; mu <- inverse(as.vector(Z %*% b)); v <- slope(as.vector(Z %*% b)); e <- u[[y]] - mu
  s2 <- N / (N - length(b)) * sum(w * e^2) / sum(w * v)
  for (what in names(FRAMES)) { pair <- FRAMES[[what]]; one <- as.vector(at(pair[[1]]) %*% b); value <- inverse(one); D <- slope(one) * at(pair[[1]])
    if (!is.null(pair[[2]])) { two <- as.vector(at(pair[[2]]) %*% b); value <- value - inverse(two); D <- D - slope(two) * at(pair[[2]]) }
    single <- c(setNames(lapply(GROUPS, function(g) setNames(1, g)), GROUPS), list("Black - White" = c(Black = 1, White = -1)))
    for (label in names(single)) { sign <- single[[label]]; G <- 0; theta <- 0; t_j <- 0; GG <- 0; index <- unique(cluster)
      for (g in names(sign)) { k <- g == "all" | u$ethnicity == g; share <- w * k / sum(w * k); mean_g <- sum(share * value); theta <- theta + sign[[g]] * mean_g; G <- G + sign[[g]] * colSums(share * D)
        part <- root_parts(matrix(1, sum(k), 1), matrix(w[k], ncol = 1), rep(1, sum(k)), cluster[k], 1); delta <- value[k] - mean_g; tau2 <- sum(share[k] * delta^2) / (1 - sum(share^2))
        q <- tapply(part$a * delta, factor(cluster[k], levels = index), sum); q[is.na(q)] <- 0; t_j <- t_j + sign[[g]] * as.vector(q)
        P <- matrix(0, sum(k), length(index)); P[, match(part$clusters, index)] <- part$P; GG <- GG + tau2 * crossprod(P) }
      main <- root_parts(v * Z, w * Z, v, cluster, G); fixed <- as.vector(tapply(main$a * e, factor(cluster, levels = index), sum)); stopifnot(identical(main$clusters, index))
      Gf <- crossprod(main$P); GG <- GG + s2 * Gf; df <- function(g) sum(diag(g))^2 / sum(g^2)
      put <- function(quantity, x) keep("cr2", clusters, mn, what, "", label, quantity, x)
      put("estimate", theta); put("std_error", sqrt(sum((t_j + fixed)^2))); put("std_error_fixed", sqrt(sum(fixed^2))); put("df", df(GG)); put("df_fixed", df(Gf)) } } }
write_table(do.call(rbind, out), "expected.csv")
cat(n, "respondents,", length(out), "values\n")
