# Tests, contrasts, rank effects and joint covariances of R survey under five designs, for a made-up survey of three waves; approximate
# Hotelling tests (CR2) by full matrices, checked against clubSandwich; a panel. Run from this folder: Rscript make.R. Writes data.csv,
# panel.csv, population.csv, expected.csv.
suppressMessages(suppressWarnings({library(survey); library(clubSandwich)}))
options(survey.lonely.psu = "fail", digits = 15)
VERSIONS <- sprintf("# R %s survey %s clubSandwich %s", getRversion(), packageVersion("survey"), packageVersion("clubSandwich"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}
out <- list()
keep <- function(design, case, label, quantity, value) for (i in seq_along(value)) out[[length(out) + 1]] <<- data.frame(design = design, case = case, label = label, quantity = rep_len(quantity, length(value))[i], value = as.numeric(value)[i])

# ---- a made-up survey: three waves, two strata a wave, PSU codes that repeat in every stratum, unequal weights, missing answers
set.seed(20261122)
WAVES <- c("2022", "2024", "2026"); GROUPS <- c("Asian", "Black", "White")
strata <- expand.grid(stratum = c("city", "county"), wave = WAVES, stringsAsFactors = FALSE)
psus <- do.call(rbind, lapply(seq_len(nrow(strata)), function(h) data.frame(strata[h, ], row.names = NULL, psu = seq_len(c(7, 6, 6, 7, 8, 6)[h]), population = c(30, 26)[(h - 1) %% 2 + 1])))
psus$level <- rnorm(nrow(psus), 0, .4); psus$white <- rbeta(nrow(psus), 1.7, 1.7)
rows <- psus[rep(seq_len(nrow(psus)), 7 + rpois(nrow(psus), 5)), ]; n <- nrow(rows)
d <- data.frame(wave = rows$wave, stratum = paste(rows$wave, rows$stratum), psu = rows$psu, site = paste(rows$wave, rows$stratum, rows$psu), psus_in_stratum = rows$population,
  weight = round(exp(rnorm(n, 0, .5)), 4), ethnicity = ifelse(runif(n) < rows$white, "White", sample(GROUPS[1:2], n, TRUE, c(.4, .6))),
  sex = sample(c("Female", "Male"), n, TRUE, c(.57, .43)), age_band = sample(c("16-34", "35-54", "55+"), n, TRUE))
latent <- rows$level - .5 * (d$ethnicity == "Black") + .2 * (match(d$wave, WAVES) - 1) + .2 * (d$age_band == "55+") + rnorm(n)
d$answer <- findInterval(latent, c(-1.1, -.3, .3, 1.1)) + 1; d$answer[runif(n) < .07] <- NA
d$confident <- as.numeric(d$answer >= 4); d$trust <- round(3 + .8 * latent + rnorm(n, 0, .5), 2); d$trust[runif(n) < .06] <- NA
rownames(d) <- NULL; write_table(d, "data.csv", 15)
shares <- list(age_band = c("16-34" = .31, "35-54" = .33, "55+" = .36), sex = c(Female = .51, Male = .49))
population <- do.call(rbind, lapply(names(shares), function(v) data.frame(variable = v, category = names(shares[[v]]), persons = as.vector(shares[[v]]) * 800000)))
write_table(population, "population.csv", 15)
d[c("wave", "ethnicity", "sex", "age_band")] <- lapply(d[c("wave", "ethnicity", "sex", "age_band")], factor)
clustered <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = d, nest = TRUE)
designs <- list(rows = svydesign(ids = ~1, weights = ~weight, data = d), stratified = svydesign(ids = ~1, strata = ~stratum, weights = ~weight, data = d), clustered = clustered,
  fpc = svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, fpc = ~psus_in_stratum, data = d, nest = TRUE),
  raked = calibrate(clustered, ~age_band + sex, c("(Intercept)" = 800000, "age_band35-54" = 264000, "age_band55+" = 288000, sexMale = 392000), calfun = "raking", epsilon = 1e-13, maxit = 2000))

# ---- tables and ranks: svychisq and svyranktest, over all and in a domain (without calibration, under which R keeps everybody's PSUs)
for (dn in names(designs)) for (domain in c("all", "Black")) { if (dn == "raked" && domain != "all") next
  design <- if (domain == "all") designs[[dn]] else subset(designs[[dn]], ethnicity == domain)
  for (s in c("F", "Chisq", "Wald", "adjWald")) for (f in c("wave confident", "wave answer", "sex answer")) { if (grepl("Wald", s) && domain == "Black" && f == "wave answer") next  # more comparisons than few clusters carry
    v <- strsplit(f, " ")[[1]]; t <- svychisq(as.formula(paste("~", v[1], "+", v[2])), design, statistic = s)
    if (s != "Chisq") keep(dn, paste("table", s), paste(f, domain, sep = "|"), "statistic", t$statistic)
    keep(dn, paste("table", s), paste(f, domain, sep = "|"), c("df1", "df2")[seq_along(t$parameter)], t$parameter); keep(dn, paste("table", s), paste(f, domain, sep = "|"), "p", t$p.value) }
  for (r in c("wilcoxon", "vanderWaerden", "median")) for (g in c("sex", "wave")) { t <- svyranktest(as.formula(paste("answer ~", g)), design, test = r); two <- g == "sex"
    keep(dn, paste("rank", r), paste(g, domain, sep = "|"), c("statistic", "df", "p"), if (two) c(t$statistic, t$parameter, t$p.value) else c(t$parameter / 2, t$ddf, t$p.value)) } }

# ---- linearised variables, straight from their formulas; svytotal gives every variance and covariance
answered <- function(y) !is.na(y)
mean_z <- function(w, y, inside) { k <- inside & answered(y); m <- sum(w[k] * y[k]) / sum(w[k]); list(value = m, z = ifelse(k, (y - m) / sum(w[k]), 0)) }
covariance <- function(design, Z) { colnames(Z) <- paste0("z", seq_len(ncol(Z))); V <- vcov(svytotal(reformulate(colnames(Z)), do.call(update, c(list(design), as.data.frame(Z))))); unname(V) }
shift <- function(w, y, one, two) { one <- one & answered(y); two <- two & answered(y); H <- outer(y[one], y[two], function(a, b) (b > a) + .5 * (b == a)); W1 <- sum(w[one]); W2 <- sum(w[two])
  ph1 <- as.vector(H %*% w[two]) / W2; ph2 <- as.vector(w[one] %*% H) / W1; theta <- sum(w[one] * ph1) / W1; z <- numeric(n); z[one] <- (ph1 - theta) / W1; z[two] <- (ph2 - theta) / W2
  phi <- rep(NA, n); phi[one] <- -ph1; phi[two] <- ph2; list(value = theta, z = z, phi = phi) }
newcombe <- function(p, n_eff, q) { w <- function(p, n) (p + q^2 / (2 * n) + c(-1, 1) * q * sqrt(p * (1 - p) / n + q^2 / (4 * n^2))) / (1 + q^2 / n); a <- w(p[1], n_eff[1]); b <- w(p[2], n_eff[2])
  p[2] - p[1] + c(-sqrt((p[2] - b[1])^2 + (a[2] - p[1])^2), sqrt((b[2] - p[2])^2 + (p[1] - a[1])^2)) }
for (dn in names(designs)) { design <- designs[[dn]]; w <- weights(design); df_of <- function(k) degf(subset(design, k))
  table <- function(y) lapply(split(expand.grid(g = GROUPS, t = WAVES, stringsAsFactors = FALSE), 1:9), function(c) mean_z(w, d[[y]], d$wave == c$t & d$ethnicity == c$g))
  means <- table("trust"); b <- sapply(means, `[[`, "value"); V <- covariance(design, sapply(means, `[[`, "z")); name <- as.vector(outer(GROUPS, WAVES, paste, sep = "|"))
  contrasts <- list("2026 - 2022|Black" = (name == "Black|2026") - (name == "Black|2022"), "2026 - 2022|Black - White" = (name == "Black|2026") - (name == "Black|2022") - (name == "White|2026") + (name == "White|2022"),
    "trend|Black" = (name == "Black|2026") / 2 - (name == "Black|2022") / 2, "uneven trend|White" = as.vector(((name == "White|2022") * -5 + (name == "White|2024") * 1 + (name == "White|2026") * 4) / 42),
    "mean of groups|2022" = (substr(name, nchar(name) - 3, nchar(name)) == "2022") / 3)
  for (l in names(contrasts)) { s <- svycontrast(structure(b, var = V, statistic = "mean", class = "svystat"), contrasts[[l]]); keep(dn, "contrast", l, c("estimate", "std_error"), c(coef(s), SE(s))) }
  r <- svycontrast(structure(setNames(b, paste0("m", 1:9)), var = V, statistic = "mean", class = "svystat"), quote((m8 - m2) / m2)); keep(dn, "relative", "2026 - 2022|Black", c("estimate", "std_error"), c(coef(r), SE(r)))
  C <- t(sapply(GROUPS, function(g) (name == paste0(g, "|2026")) - (name == paste0(g, "|2022")))); q <- 3; change <- C %*% b
  k <- d$wave %in% c("2022", "2026"); W <- as.numeric(t(change) %*% solve(C %*% V %*% t(C), change)); nu <- df_of(k)
  keep(dn, "wald", "changes of three groups", c("statistic", "df1", "df2", "p"), c(W / q, q, nu, pf(W / q, q, nu, lower.tail = FALSE)))
  C <- t(sapply(GROUPS, function(g) ((name == paste0(g, "|2026")) - (name == paste0(g, "|2022"))) / 2)); slope <- C %*% b; W <- as.numeric(t(slope) %*% solve(C %*% V %*% t(C), slope)); nu <- df_of(k)  # the middle wave has coefficient 0
  keep(dn, "trend", "three groups", c("statistic", "df1", "df2", "p"), c(W / q, q, nu, pf(W / q, q, nu, lower.tail = FALSE)))
  for (g in c("all", GROUPS)) { of <- if (g == "all") rep(TRUE, n) else d$ethnicity == g; s <- shift(w, d$answer, d$wave == "2022" & of, d$wave == "2026" & of); se <- as.vector(sqrt(covariance(design, cbind(s$z)))); df <- df_of(of & d$wave %in% c("2022", "2026"))
    sl <- se / (s$value * (1 - s$value)); keep(dn, "shift", g, c("estimate", "std_error", "df", "low", "high"), c(s$value, se, df, plogis(qlogis(s$value) + c(-1, 1) * qt(.975, df) * sl))) }
  for (g in c("Black", "White")) {                      # equivalence and non-inferiority: t for means, Newcombe for shares
    k <- d$ethnicity == g & d$wave %in% c("2022", "2026"); two <- lapply(c("2022", "2026"), function(t) mean_z(w, d$trust, k & d$wave == t)); delta <- two[[2]]$value - two[[1]]$value; s <- as.vector(sqrt(covariance(design, cbind(two[[2]]$z - two[[1]]$z)))); df <- df_of(k); m <- .5
    keep(dn, "equivalence mean", g, c("statistic", "df", "p", "low", "high"), c(min((delta + m) / s, (m - delta) / s), df, max(pt((delta + m) / s, df, lower.tail = FALSE), pt((delta - m) / s, df)), delta + c(-1, 1) * qt(.95, df) * s))
    keep(dn, "noninferiority mean", g, c("statistic", "df", "p"), c((delta + m) / s, df, pt((delta + m) / s, df, lower.tail = FALSE)))
    two <- lapply(c("2022", "2026"), function(t) { k2 <- k & d$wave == t; x <- mean_z(w, d$confident, k2); c(x$value, covariance(design, cbind(x$z)), sum(k2 & answered(d$confident))) }); p <- sapply(two, `[`, 1); n_eff <- mapply(function(p, v, n) min(n, p * (1 - p) / v), p, sapply(two, `[`, 2), sapply(two, `[`, 3)); df <- df_of(k); m <- .15
    limits <- function(a) newcombe(p, n_eff, qt(1 - a, df)); delta <- p[2] - p[1]
    reach <- function(bound) uniroot(function(a) limits(a)[if (delta > bound) 1 else 2] - bound, c(1e-14, .5), tol = 1e-16)$root; above <- reach(-m); below <- reach(m); stopifnot(delta > -m)
    keep(dn, "equivalence share", g, c("p", "low", "high"), c(max(above, if (delta < m) below else 1 - below), limits(.05))) }
  model <- svyglm(trust ~ wave + ethnicity + sex, design); t <- regTermTest(model, ~ethnicity); keep(dn, "regression", "ethnicity", c("statistic", "df1", "df2", "p"), c(t$Ftest, t$df, t$ddf, t$p))
  X <- model.matrix(~wave + ethnicity + sex, d); k <- answered(d$trust); B <- solve(crossprod(X[k, ] * w[k], X[k, ])); e <- d$trust - X %*% (B %*% crossprod(X[k, ] * w[k], d$trust[k])); Z <- (X * ifelse(k, e, 0)) %*% B
  parts <- cbind(sapply(table("confident")[c(2, 8)], `[[`, "z"), sapply(means[c(2, 8)], `[[`, "z"), Z[, 4:5]); V <- covariance(design, parts)  # two items, two waves, two coefficients
  if (dn != "raked") stopifnot(max(abs(V[5:6, 5:6] / vcov(model)[4:5, 4:5] - 1)) < 1e-8)
  for (i in 1:6) for (j in seq_len(i)) keep(dn, "joint", paste(i, j, sep = " x "), "vcov", V[i, j]) }

# ---- CR2: approximate Hotelling's T^2 and the weighted Mann-Whitney shift, by full matrices
cr2 <- function(X, S, e, phi, cluster, C) {             # see ../cr2/make.R; here with the degrees of freedom of the whole matrix C V C'
  bread <- solve(crossprod(S, X)); IH <- diag(nrow(X)) - X %*% bread %*% t(S); root <- sqrt(phi); meat <- 0; P <- vector("list", nrow(C))
  for (j in unique(cluster)) { k <- which(cluster == j); T <- sweep(IH[k, , drop = FALSE], 2, root, "*"); B <- root[k] * t(root[k] * t(tcrossprod(T)))
    eg <- eigen((B + t(B)) / 2, symmetric = TRUE); ok <- eg$values > 1e-10 * max(eg$values); U <- eg$vectors[, ok, drop = FALSE]; A <- root[k] * t(root[k] * t(U %*% (eg$values[ok]^-.5 * t(U))))
    SA <- crossprod(S[k, , drop = FALSE], A); u <- SA %*% e[k]; meat <- meat + tcrossprod(u); for (r in seq_len(nrow(C))) P[[r]] <- cbind(P[[r]], as.vector(C[r, ] %*% bread %*% SA %*% T)) }
  V <- C %*% (bread %*% meat %*% t(bread)) %*% t(C); q <- nrow(C); G <- function(s, t) crossprod(P[[s]], P[[t]])
  omega <- outer(1:q, 1:q, Vectorize(function(s, t) sum(diag(G(s, t))))); eg <- eigen(omega, symmetric = TRUE); R <- eg$vectors %*% (eg$values^-.5 * t(eg$vectors)); P <- lapply(1:q, function(s) Reduce(`+`, Map(`*`, R[s, ], P)))
  list(V = V, df = sapply(1:q, function(s) { g <- crossprod(Reduce(`+`, Map(`*`, solve(R)[s, ], P))); sum(diag(g))^2 / sum(g^2) }), eta = q * (q + 1) / sum(outer(1:q, 1:q, Vectorize(function(s, t) sum(G(s, s) * G(t, t)) + sum(G(s, t) * G(t, s)))))) }
hotelling <- function(b, fit) { q <- length(b); Q <- as.numeric(t(b) %*% solve(fit$V, b)); c(Q * (fit$eta - q + 1) / (q * fit$eta), q, fit$eta - q + 1, pf(Q * (fit$eta - q + 1) / (q * fit$eta), q, fit$eta - q + 1, lower.tail = FALSE)) }
QUANTITIES <- c("statistic", "df1", "df2", "p"); agree <- function(model, cluster, C, found) { t <- Wald_test(model, constraints = C, vcov = "CR2", cluster = cluster, test = "HTZ"); stopifnot(abs(t$Fstat / found[1] - 1) < 1e-6, abs(t$df_denom / found[3] - 1) < 1e-6) }
d$row <- seq_len(n)
for (clusters in c("row", "site")) { dn <- paste("cr2", clusters)
  u <- d[answered(d$trust), ]; u$cell <- interaction(u$ethnicity, u$wave, sep = "|"); m <- lm(trust ~ 0 + cell, u, weights = weight); X <- model.matrix(m); l <- levels(u$cell)
  C <- t(sapply(GROUPS, function(g) (l == paste0(g, "|2026")) - (l == paste0(g, "|2022")))); found <- hotelling(C %*% coef(m), cr2(X, X * u$weight, resid(m), rep(1, nrow(u)), u[[clusters]], C)); agree(m, u[[clusters]], C, found); keep(dn, "wald", "changes of three groups", QUANTITIES, found)
  C <- rbind(C[1, ] - C[3, ], C[2, ] - C[3, ]); found <- hotelling(C %*% coef(m), cr2(X, X * u$weight, resid(m), rep(1, nrow(u)), u[[clusters]], C)); agree(m, u[[clusters]], C, found); keep(dn, "wald", "differences in changes", QUANTITIES, found)
  m <- lm(trust ~ wave * ethnicity + sex, u, weights = weight); X <- model.matrix(m); C <- diag(ncol(X))[grep(":", colnames(X)), ]; found <- hotelling(C %*% coef(m), cr2(X, X * u$weight, resid(m), rep(1, nrow(u)), u[[clusters]], C)); agree(m, u[[clusters]], C, found); keep(dn, "regression", "interaction", QUANTITIES, found)
  u <- d[answered(d$confident), ]; m <- suppressWarnings(glm(confident ~ wave + ethnicity + sex, quasibinomial(), u, weights = weight, control = glm.control(epsilon = 1e-15, maxit = 100))); X <- model.matrix(m); mu <- fitted(m); v <- mu * (1 - mu)
  C <- diag(ncol(X))[grep("ethnicity", colnames(X)), ]; keep(dn, "logit", "ethnicity", QUANTITIES, hotelling(C %*% coef(m), cr2(v * X, u$weight * X, u$confident - mu, v, u[[clusters]], C)))
  for (g in c("all", GROUPS)) { of <- if (g == "all") rep(TRUE, n) else d$ethnicity == g; s <- shift(d$weight, d$answer, d$wave == "2022" & of, d$wave == "2026" & of); u <- d[!is.na(s$phi), ]; phi <- s$phi[!is.na(s$phi)]; X <- cbind(u$wave == "2026", u$wave == "2022") * 1
    fit <- cr2(X, X * u$weight, phi - as.vector(X %*% c(s$value, -s$value)), rep(1, nrow(u)), u[[clusters]], rbind(c(1, -1))); keep(dn, "shift", g, c("estimate", "std_error", "df"), c(s$value, sqrt(fit$V), fit$df)) } }

# ---- a panel: most people twice, some lost, some new, second wave in another order
people <- data.frame(person = sprintf("P%03d", 1:90), stratum = rep(c("city", "county"), 45), site = paste0(rep(c("city", "county"), 45), rep(1:9, each = 10)), weight = round(exp(rnorm(90, 0, .4)), 4), base = rnorm(90))
wave <- function(name, who, up) data.frame(wave = name, people[who, c("person", "stratum", "site")], weight = round(people$weight[who] * exp(rnorm(length(who), 0, .1)), 4), score = round(3 + people$base[who] + up + rnorm(length(who), 0, .6), 3))
p <- rbind(wave("first", 1:80, 0), wave("second", sample(11:90), .3)); rownames(p) <- NULL; write_table(p, "panel.csv", 15)
for (ids in c("person", "site")) { design <- svydesign(ids = reformulate(ids), strata = ~stratum, weights = ~weight, data = p, nest = TRUE); by <- svyby(~score, ~wave, design, svymean, covmat = TRUE); s <- svycontrast(by, c(-1, 1))
  keep(paste("panel", ids), "change", "second - first", c("estimate", "std_error", "df"), c(coef(s), SE(s), degf(design))) }
write_table(do.call(rbind, out), "expected.csv"); cat(n, "respondents,", length(out), "values\n")
