# Changes between waves in R: as collected, standardised, balanced; Kitagawa, Oaxaca and Blinder; proportional odds with cumulative logits;
# trend; equivalence. Made-up survey of three waves whose composition shifts. Run from this folder: Rscript make.R. Writes data.csv, expected.csv.
suppressMessages(suppressWarnings({library(survey)}))
options(survey.lonely.psu = "fail", digits = 15)
VERSIONS <- sprintf("# R %s survey %s", getRversion(), packageVersion("survey"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}
out <- list()
keep <- function(design, case, label, quantity, value) for (i in seq_along(value)) out[[length(out) + 1]] <<- data.frame(design = design, case = case, label = label, quantity = rep_len(quantity, length(value))[i], value = as.numeric(value)[i])

# ---- a made-up survey: younger, more often from the city in later waves; confidence differs by age; missing answers
set.seed(20261123)
WAVES <- c("2022", "2024", "2026"); GROUPS <- c("Black", "White"); AGES <- c("16-34", "35-54", "55+"); LATER <- "2026"; EARLIER <- "2022"
psus <- data.frame(wave = rep(WAVES, c(12, 11, 13)), site = NA); psus$site <- paste(psus$wave, ave(seq_len(nrow(psus)), psus$wave, FUN = seq_along)); psus$level <- rnorm(nrow(psus), 0, .3)
rows <- psus[rep(seq_len(nrow(psus)), 14 + rpois(nrow(psus), 6)), ]; n <- nrow(rows); k <- match(rows$wave, WAVES)
d <- data.frame(wave = rows$wave, site = rows$site, weight = round(exp(rnorm(n, 0, .4)), 4), ethnicity = ifelse(runif(n) < .45, "Black", "White"))
d$age_band <- AGES[1 + (runif(n) > .25 + .08 * k) + (runif(n) > .55)]; d$sex <- ifelse(runif(n) < .5 + .03 * k, "Female", "Male"); d$visits <- rpois(n, 1 + .2 * k)
latent <- rows$level - .4 * (d$ethnicity == "Black") + .15 * k + .5 * (d$age_band == "55+") - .1 * d$visits + rlogis(n, 0, .8)
d$answer <- findInterval(latent, c(-1.6, -.5, .3, 1.4)) + 1; d$confident <- as.numeric(d$answer >= 4); d$trust <- round(3 + .6 * latent + rnorm(n, 0, .5), 2)
miss <- runif(n) < .05; d$answer[miss] <- NA; d$confident[miss] <- NA
rownames(d) <- NULL; write_table(d, "data.csv", 15)
pop <- c("16-34" = .31, "35-54" = .33, "55+" = .36)
DESIGNS <- list(rows = list(ids = ~1), sites = list(ids = ~site))

total_se <- function(design, influence) sqrt(diag(as.matrix(vcov(svytotal(influence, design)))))  # influence per unit of weight
for (dn in names(DESIGNS)) {
  design <- svydesign(ids = DESIGNS[[dn]]$ids, strata = ~wave, weights = ~weight, data = d, nest = TRUE); w <- d$weight
  own <- function(y, inside) { inside <- inside & !is.na(y); m <- sum(w[inside] * y[inside]) / sum(w[inside]); list(value = m, z = ifelse(inside, (y - m) / sum(w[inside]), 0)) }
  se_of <- function(z, weights = w) sqrt(as.numeric(survey:::svyrecvar(cbind(z * weights), design$cluster, design$strata, design$fpc, postStrata = NULL)))
  for (g in GROUPS) {
    inside <- d$ethnicity == g; now <- inside & d$wave == LATER; then <- inside & d$wave == EARLIER; asked <- !is.na(d$confident)
    # as collected
    a <- own(d$confident, then); b <- own(d$confident, now); keep(dn, "as collected", g, c("first", "second", "change", "se"), c(a$value, b$value, b$value - a$value, se_of(b$z - a$z)))
    # standardised: svystandardize over wave and group, among those who answered
    st <- svystandardize(subset(design, asked), by = ~age_band, over = ~wave + ethnicity, population = pop)
    m <- lapply(c(EARLIER, LATER), function(v) svymean(~confident, subset(st, ethnicity == g & wave == v))); m <- list(coef(m[[1]]), coef(m[[2]]), SE(m[[1]]), SE(m[[2]]))
    if (dn == "rows") keep(dn, "standardised", g, c("first", "second", "change"), c(m[[1]], m[[2]], m[[2]] - m[[1]]))
    cell <- function(v, age) own(d$confident, inside & d$wave == v & d$age_band == age); z <- 0
    for (age in AGES) z <- z + pop[[age]] * (cell(LATER, age)$z - cell(EARLIER, age)$z)
    keep(dn, "standardised", g, "se", se_of(z))
    # several margins: rake each wave
    raked <- lapply(c(EARLIER, LATER), function(v) { s <- subset(d, ethnicity == g & wave == v); s$site <- s$site; q <- svydesign(ids = ~1, weights = ~weight, data = s); calibrate(q, ~age_band + sex, c("(Intercept)" = 1000, "age_band35-54" = 330, "age_band55+" = 360, sexMale = 490), calfun = "raking", epsilon = 1e-13, maxit = 2000) })
    p <- sapply(raked, function(q) coef(svymean(~confident, q, na.rm = TRUE))); keep(dn, "raked", g, c("first", "second", "change"), c(p, p[2] - p[1]))
    # balanced: the later wave's age, sex and mean visits those of the earlier; target estimated
    x <- model.matrix(~age_band + sex + visits, d); target <- colSums(x[then, ] * w[then]) / sum(w[then]); later <- d[now, ]
    q <- calibrate(svydesign(ids = ~1, weights = ~weight, data = later), ~age_band + sex + visits, setNames(target * sum(w[now]), colnames(x)), calfun = "raking", epsilon = 1e-13, maxit = 5000)
    v <- w; v[now] <- weights(q); use <- now & asked; p2 <- sum(v[use] * d$confident[use]) / sum(v[use]); u <- ifelse(use, (d$confident - p2) / sum(v[use]), 0)
    slope <- lm.wfit(x[now, ], u[now], w[now])$coef; z <- numeric(n); z[now] <- u[now] - x[now, ] %*% slope; z[then] <- z[then] + (sweep(x[then, ], 2, target) %*% slope) * sum(v[now]) / sum(w[then]); z <- z - a$z
    keep(dn, "balanced", g, c("second", "change", "se"), c(p2, p2 - a$value, se_of(z, v)))
    # the same by the jackknife, balanced again in each replicate
    again <- function(w, dat) { t2 <- colSums(x[then, ] * w[then]) / sum(w[then]); s <- now & w > 0; l <- rep(0, ncol(x) - 1); Z <- sweep(x[s, -1], 2, t2[-1])
      for (i in 1:200) { e <- as.vector(w[s] * exp(-Z %*% l)); gr <- -colSums(Z * e); if (max(abs(gr)) / sum(e) < 1e-13) break; l <- l - solve(crossprod(Z * e, Z), gr) }
      s2 <- asked[s]; t <- then & asked; sum(e[s2] * d$confident[s][s2]) / sum(e[s2]) - sum(w[t] * d$confident[t]) / sum(w[t]) }
    jk <- as.svrepdesign(design, type = "JKn", mse = TRUE); keep(dn, "balanced", g, "se_jackknife", SE(withReplicates(jk, again)))
    # Kitagawa by age
    kit <- function(w, dat) { f <- function(s) { s <- s & asked; W <- tapply(w[s], d$age_band[s], sum); list(p = tapply(w[s] * d$confident[s], d$age_band[s], sum) / W, pi = W / sum(W)) }; a <- f(then); b <- f(now)
      c(sum((b$p - a$p) * (a$pi + b$pi) / 2), sum((b$pi - a$pi) * (a$p + b$p) / 2), sum(b$pi * b$p) - sum(a$pi * a$p)) }
    keep(dn, "kitagawa", g, c("rate", "composition", "total"), kit(w)); keep(dn, "kitagawa", g, paste("se_jackknife", c("rate", "composition", "total")), SE(withReplicates(jk, kit)))
    ps <- lapply(c(EARLIER, LATER), function(v) lapply(AGES, function(age) cell(v, age))); pis <- lapply(c(EARLIER, LATER), function(v) lapply(AGES, function(age) own(as.numeric(d$age_band == age), inside & asked & d$wave == v)))
    val <- function(l, i) sapply(l[[i]], `[[`, "value"); zed <- function(l, i) sapply(l[[i]], `[[`, "z"); dp <- val(ps, 2) - val(ps, 1); dpi <- val(pis, 2) - val(pis, 1); mp <- (val(ps, 2) + val(ps, 1)) / 2; mpi <- (val(pis, 2) + val(pis, 1)) / 2
    keep(dn, "kitagawa", g, c("se rate", "se composition"), c(se_of((zed(ps, 2) - zed(ps, 1)) %*% mpi + (zed(pis, 2) + zed(pis, 1)) %*% dp / 2), se_of((zed(pis, 2) - zed(pis, 1)) %*% mp + (zed(ps, 2) + zed(ps, 1)) %*% dpi / 2)))
    # Oaxaca and Blinder, pooled with a dummy for the later wave
    X <- model.matrix(~age_band + sex + visits, d)[, -1]; both <- now | then; D <- cbind(1, as.numeric(d$wave == LATER), X)
    oax <- function(w, dat) { beta <- lm.wfit(D[both, ], d$trust[both], w[both])$coef[-(1:2)]; m <- function(s, y) colSums(cbind(y)[s, , drop = FALSE] * w[s]) / sum(w[s]); e <- sum((m(now, X) - m(then, X)) * beta); t <- m(now, d$trust) - m(then, d$trust); c(e, t - e, t) }
    keep(dn, "oaxaca", g, c("explained", "unexplained", "total"), oax(w)); keep(dn, "oaxaca", g, paste("se_jackknife", c("explained", "unexplained", "total")), SE(withReplicates(jk, oax)))
    f <- lm.wfit(D[both, ], d$trust[both], w[both]); zb <- matrix(0, n, ncol(D)); zb[both, ] <- (D[both, ] * f$residuals) %*% solve(crossprod(D[both, ] * w[both], D[both, ])); zx <- sapply(1:ncol(X), function(j) own(X[, j], now)$z - own(X[, j], then)$z); dx <- sapply(1:ncol(X), function(j) own(X[, j], now)$value - own(X[, j], then)$value)
    ze <- zx %*% f$coef[-(1:2)] + zb[, -(1:2)] %*% dx; zt <- own(d$trust, now)$z - own(d$trust, then)$z; keep(dn, "oaxaca", g, c("se explained", "se unexplained", "se total"), c(se_of(ze), se_of(zt - ze), se_of(zt)))
    # proportional odds: the weighted likelihood to full precision, sandwich with the observed information; svyolr beside it
    s <- both & asked; y <- d$answer[s]; M <- cbind(as.numeric(d$wave == LATER), as.numeric(d$sex == "Male"), d$visits)[s, ]; ww <- w[s] / mean(w[s]); P <- ncol(M); Q <- 4
    parts <- function(t) { eta <- M %*% t[1:P]; cut <- c(-Inf, t[P + 1:Q], Inf); a <- cut[y + 1] - eta; b <- cut[y] - eta; list(a = as.vector(a), b = as.vector(b), pr = as.vector(plogis(a) - plogis(b))) }
    scores <- function(t) { l <- parts(t); A <- cbind(-M, outer(y, 1:Q, `==`)); B <- cbind(-M, outer(y - 1, 1:Q, `==`)); (A * dlogis(l$a) - B * dlogis(l$b)) / l$pr }
    gradient <- function(t) -colSums(scores(t) * ww); start <- c(rep(0, P), qlogis(cumsum(tapply(ww, factor(y, 1:5), sum))[1:Q] / sum(ww)))
    hess <- function(t) { h <- 1e-4; sapply(seq_along(t), function(j) { e <- replace(numeric(length(t)), j, h); (8 * (gradient(t + e) - gradient(t - e)) - (gradient(t + 2 * e) - gradient(t - 2 * e))) / (12 * h) }) }
    o <- optim(start, function(t) { pr <- parts(t)$pr; if (all(pr > 0)) -sum(ww * log(pr)) else 1e10 }, gradient, method = "BFGS", control = list(reltol = 1e-15, maxit = 5000)); t <- o$par; for (i in 1:6) t <- t - solve(hess(t), gradient(t))
    H <- hess(t) * mean(w[s]); z <- matrix(0, n, P + Q); z[s, ] <- scores(t) %*% solve((H + t(H)) / 2); se <- apply(z, 2, se_of); names <- c("later", "male", "visits", paste0(1:4, "|", 2:5))
    keep(dn, "ordinal", g, names, t); keep(dn, "ordinal", g, paste("se", names), se)
    o <- suppressWarnings(svyolr(factor(answer) ~ later + male + visits, subset(update(design, later = as.numeric(wave == LATER), male = as.numeric(sex == "Male")), s))); keep(dn, "svyolr", g, names, c(o$coefficients, o$zeta)); keep(dn, "svyolr", g, paste("se", names), sqrt(diag(vcov(o))))
    # CR2 by full matrices: indicators of four categories whitened by the symmetric root of their covariance, clusters are rows or sites
    eta <- as.vector(M %*% t[1:P]); cum <- plogis(outer(-eta, t[P + 1:Q], `+`)); sl <- cum * (1 - cum); ns <- sum(s); Xw <- matrix(0, ns * Q, P + Q); r <- numeric(ns * Q); diffs <- diag(Q) - rbind(0, cbind(diag(Q - 1), 0))
    for (i in 1:ns) { G <- cbind(-outer(sl[i, ], M[i, ]), diag(sl[i, ])); pr <- as.vector(diffs %*% cum[i, ]); V <- eigen(diag(pr) - outer(pr, pr), symmetric = TRUE); root <- V$vectors %*% (t(V$vectors) / sqrt(V$values)); at <- (i - 1) * Q + 1:Q; Xw[at, ] <- root %*% diffs %*% G; r[at] <- root %*% (as.numeric(y[i] == 1:Q) - pr) }
    W <- rep(w[s], each = Q); S <- Xw * W; J <- crossprod(S, Xw); Bx <- solve(J); Hat <- Xw %*% Bx %*% t(S); IH <- diag(ns * Q) - Hat; cl <- rep(if (dn == "rows") seq_len(ns) else as.integer(factor(d$site[s])), each = Q); turn <- solve(H) %*% J
    PJ <- lapply(split(seq_along(cl), cl), function(at) { E <- eigen(tcrossprod(IH[at, , drop = FALSE]), symmetric = TRUE); ok <- E$values > 1e-10; A <- E$vectors[, ok, drop = FALSE] %*% (t(E$vectors[, ok, drop = FALSE]) / sqrt(E$values[ok])); list(u = turn %*% Bx %*% t(S[at, , drop = FALSE]) %*% A %*% r[at], p = turn %*% Bx %*% t(S[at, , drop = FALSE]) %*% A %*% IH[at, , drop = FALSE]) })
    U <- sapply(PJ, `[[`, "u"); keep(dn, "ordinal cr2", g, paste("se", names), sqrt(rowSums(U^2)))
    df <- sapply(seq_along(names), function(j) { pj <- sapply(PJ, function(q) q$p[j, ]); K <- crossprod(pj); sum(diag(K))^2 / sum(K^2) }); keep(dn, "ordinal cr2", g, paste("df", names), df)
    # cumulative logits: one logistic regression per cut
    for (c in 1:4) { fit <- suppressWarnings(svyglm(beyond ~ later, subset(update(design, later = as.numeric(d$wave == LATER), beyond = as.numeric(d$answer > c)), s), family = quasibinomial, epsilon = 1e-14, maxit = 100)); keep(dn, "cumulative", g, c(paste0(c, "|", c + 1), paste0("se ", c, "|", c + 1)), c(coef(fit)[2], SE(fit)[2])) }
    # trend over three waves, years of fieldwork 0, 2.5, 4
    lv <- lapply(WAVES, function(v) own(d$confident, inside & d$wave == v)); years <- c(0, 2.5, 4); cc <- (years - mean(years)) / sum((years - mean(years))^2)
    keep(dn, "trend", g, c("slope", "se"), c(sum(cc * sapply(lv, `[[`, "value")), se_of(sapply(lv, `[[`, "z") %*% cc)))
    # equivalence: Newcombe at 90 % on effective n from CR2, Satterthwaite's degrees of freedom, by full matrices
    cr2 <- function(s) { s <- s & asked; y <- d$confident[s]; W <- w[s]; m <- length(y); X1 <- matrix(1, m); B <- 1 / sum(W); IH <- diag(m) - X1 %*% t(W) * B; cl <- if (dn == "rows") seq_len(m) else d$site[s]; e <- y - sum(W * y) * B
      PJ <- lapply(split(seq_len(m), cl), function(at) { E <- eigen(tcrossprod(IH[at, , drop = FALSE]), symmetric = TRUE); ok <- E$values > 1e-10; A <- E$vectors[, ok, drop = FALSE] %*% (t(E$vectors[, ok, drop = FALSE]) / sqrt(E$values[ok])); a <- B * W[at] %*% A; list(u = sum(a * e[at]), p = as.vector(a %*% IH[at, , drop = FALSE])) })
      list(p = sum(W * y) * B, v = sum(sapply(PJ, `[[`, "u")^2), n = m, G = crossprod(sapply(PJ, `[[`, "p"))) }
    one <- cr2(then); two <- cr2(now); df <- (sum(diag(one$G)) + sum(diag(two$G)))^2 / (sum(one$G^2) + sum(two$G^2)); keep(dn, "equivalence", g, c("df", "se"), c(df, sqrt(one$v + two$v)))
    wil <- function(a, q) { m <- min(a$n, a$p * (1 - a$p) / a$v); (a$p + q^2 / (2 * m) + c(-1, 1) * q * sqrt(a$p * (1 - a$p) / m + q^2 / (4 * m^2))) / (1 + q^2 / m) }
    for (level in c(.95, .9)) { q <- qt(1 - (1 - level) / 2, df); i <- wil(one, q); j <- wil(two, q); delta <- two$p - one$p; keep(dn, "equivalence", g, paste(c("low", "high"), level), c(delta - sqrt((two$p - j[1])^2 + (i[2] - one$p)^2), delta + sqrt((j[2] - two$p)^2 + (one$p - i[1])^2))) }
  }
}
write_table(do.call(rbind, out), "expected.csv")
