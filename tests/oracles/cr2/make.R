# CR2 with Satterthwaite (Bell-McCaffrey) degrees of freedom, by full n x n matrices straight from the formula, checked against
# clubSandwich wherever that covers the case. Run from this folder: Rscript make.R. Writes data.csv, expected.csv.
#
# beta = (S'X)^-1 S'y with S = W X (least squares) or S = W (ratio); H = X (S'X)^-1 S'; e = y - X beta; working variances phi
#   T_j = (I - H)_j phi^(1/2);  B_j = phi_j^(1/2) T_j T_j' phi_j^(1/2);  A_j = phi_j^(1/2) B_j^(+1/2) phi_j^(1/2)
#   V = B [sum_j S_j' A_j e_j e_j' A_j' S_j] B';  p_j = (c'B S_j' A_j T_j)';  df = tr(G)^2 / sum G_jk^2,  G_jk = p_j' p_k
# Weighted logit on the response scale: X~ = v X, W~ = w / v, phi = v, e = y - mu, v = mu (1 - mu).
suppressMessages(suppressWarnings(library(clubSandwich)))
options(digits = 15)
VERSIONS <- sprintf("# R %s clubSandwich %s", getRversion(), packageVersion("clubSandwich"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}
cr2 <- function(X, S, e, phi, cluster, C) {
  n <- nrow(X); bread <- solve(crossprod(S, X)); IH <- diag(n) - X %*% bread %*% t(S); root <- sqrt(phi); meat <- 0; P <- vector("list", nrow(C))
  for (j in unique(cluster)) {
    k <- which(cluster == j); T <- sweep(IH[k, , drop = FALSE], 2, root, "*"); B <- root[k] * t(root[k] * t(tcrossprod(T)))
    eg <- eigen((B + t(B)) / 2, symmetric = TRUE); ok <- eg$values > 1e-10 * max(eg$values); U <- eg$vectors[, ok, drop = FALSE]
    A <- root[k] * t(root[k] * t(U %*% (eg$values[ok]^-.5 * t(U))))
    SA <- crossprod(S[k, , drop = FALSE], A); u <- SA %*% e[k]; meat <- meat + tcrossprod(u)
    for (r in seq_len(nrow(C))) P[[r]] <- cbind(P[[r]], as.vector(C[r, ] %*% bread %*% SA %*% T))
  }
  V <- bread %*% meat %*% t(bread)
  list(V = C %*% V %*% t(C), df = sapply(P, function(p) { G <- crossprod(p); sum(diag(G))^2 / sum(G^2) }))
}

set.seed(4711)
sites <- data.frame(site = sprintf("site %02d", 1:16), wave = rep(c("2022", "rerun"), c(7, 9)), level = rnorm(16, 0, .35), white = rbeta(16, 1.5, 1.5))
rows <- sites[rep(1:16, 8 + rpois(16, 8)), ]; n <- nrow(rows)
d <- data.frame(wave = rows$wave, site = rows$site, weight = round(exp(rnorm(n, 0, .5)), 4),
  ethnicity = ifelse(runif(n) < rows$white, "White", sample(c("Asian", "Black"), n, TRUE, c(.35, .65))),
  age_band = sample(c("16-34", "35-54", "55+"), n, TRUE), sex = sample(c("Female", "Male"), n, TRUE))
d$attended <- ifelse(runif(n) < plogis(-.6 + .5 * (d$ethnicity == "Black")), "yes", "no")
latent <- rows$level + .35 * (d$attended == "yes") - .5 * (d$ethnicity == "Black") + .3 * (d$wave == "rerun") + rnorm(n)
d$confident <- as.numeric(latent > 0); d$score <- round(3 + latent + rnorm(n, 0, .3), 2); d$contacts <- 1 + rpois(n, 1); d$helpful <- rbinom(n, d$contacts, plogis(latent))
d$score[runif(n) < .07] <- NA
write_table(d, "data.csv", 15)

for (v in c("wave", "ethnicity", "age_band", "sex", "attended")) d[[v]] <- factor(d[[v]])
d$row <- seq_len(n); out <- list()
keep <- function(case, clusters, labels, estimate, fit) for (i in seq_along(labels)) out[[length(out) + 1]] <<- data.frame(case = case, clusters = clusters, label = labels[i], estimate = estimate[i], std_error = sqrt(fit$V[i, i]), df = fit$df[i])
agree <- function(model, cluster, fit, estimate) { t <- suppressMessages(coef_test(model, vcov = "CR2", cluster = cluster, test = "Satterthwaite"))
  stopifnot(max(abs(t$beta / estimate - 1)) < 1e-6, max(abs(t$SE / sqrt(diag(fit$V)) - 1)) < 1e-6, max(abs(t$df_Satt / fit$df - 1)) < 1e-6) }
name <- function(term) { for (v in c("attended", "ethnicity", "age_band", "sex")) term <- gsub(paste0(v, "([^:]+)"), paste0(v, "[T.\\1]"), term); sub("(Intercept)", "Intercept", term, fixed = TRUE) }
for (clusters in c("row", "site")) {
  for (y in c("confident", "score")) {                 # means and shares in domains, and their differences
    u <- d[!is.na(d[[y]]), ]; u$cell <- interaction(u$wave, u$ethnicity, sep = "|", drop = TRUE)
    m <- lm(reformulate(c("0", "cell"), y), u, weights = weight); X <- model.matrix(m); labels <- levels(u$cell); k <- length(labels)
    fit <- cr2(X, X * u$weight, resid(m), rep(1, nrow(u)), u[[clusters]], diag(k)); agree(m, u[[clusters]], fit, coef(m))
    keep(paste("mean", y), clusters, labels, coef(m), fit)
    pick <- function(plus, minus) (labels == plus) - (labels == minus)
    C <- rbind(t(sapply(levels(u$ethnicity), function(g) pick(paste0("rerun|", g), paste0("2022|", g)))), pick("rerun|Black", "rerun|White"), pick("rerun|Black", "2022|Black") - pick("rerun|White", "2022|White"))
    named <- c(paste0("rerun - 2022|", levels(u$ethnicity)), "rerun|Black - White", "rerun - 2022|Black - White")
    keep(paste("difference", y), clusters, named, as.vector(C %*% coef(m)), cr2(X, X * u$weight, resid(m), rep(1, nrow(u)), u[[clusters]], C))
    m <- lm(reformulate(c("0", "wave"), y), u, weights = weight); X <- model.matrix(m); C <- rbind(diag(2), c(-1, 1))
    keep(paste("wave", y), clusters, c(levels(u$wave), "rerun - 2022"), as.vector(C %*% coef(m)), cr2(X, X * u$weight, resid(m), rep(1, nrow(u)), u[[clusters]], C))
  }
  g <- d$ethnicity; X <- sapply(levels(g), function(l) (g == l) * d$contacts); S <- sapply(levels(g), function(l) (g == l) * d$weight); b <- solve(crossprod(S, X), crossprod(S, d$helpful))
  keep("ratio helpful contacts", clusters, levels(g), as.vector(b), cr2(X, S, as.vector(d$helpful - X %*% b), rep(1, n), d[[clusters]], diag(3)))
  r <- d[d$wave == "rerun", ]
  for (y in c("confident", "score")) {                 # weighted least squares with an interaction, and the comparison in each group
    u <- r[!is.na(r[[y]]), ]; m <- lm(reformulate(c("attended * ethnicity", "age_band", "sex"), y), u, weights = weight); X <- model.matrix(m); k <- ncol(X); cn <- colnames(X)
    fit <- cr2(X, X * u$weight, resid(m), rep(1, nrow(u)), u[[clusters]], diag(k)); agree(m, u[[clusters]], fit, coef(m)); keep(paste("least squares", y), clusters, name(cn), coef(m), fit)
    in_group <- function(l) (cn == "attendedyes") + (cn == paste0("attendedyes:ethnicity", l)); C <- t(sapply(levels(u$ethnicity), in_group)); C <- rbind(C, C[2, ] - C[3, ])
    overall <- as.vector(tapply(u$weight, u$ethnicity, sum) / sum(u$weight)) %*% C[1:3, ]; C <- rbind(C, overall)
    keep(paste("comparison", y), clusters, c(levels(u$ethnicity), "Black - White", "all"), as.vector(C %*% coef(m)), cr2(X, X * u$weight, resid(m), rep(1, nrow(u)), u[[clusters]], C))
  }
  logit <- function(weight, check) { r$used_weight <- weight;                 # logistic regression, response scale
    m <- suppressWarnings(glm(confident ~ attended * ethnicity + age_band + sex, quasibinomial(), r, weights = used_weight, control = glm.control(epsilon = 1e-15, maxit = 100)))
    X <- model.matrix(m); b <- coef(m); mu <- as.vector(plogis(X %*% b)); v <- mu * (1 - mu); one <- function(C) cr2(v * X, weight * X, r$confident - mu, v, r[[clusters]], C)
    fit <- one(diag(ncol(X))); if (check) { plain <- glm(formula(m), binomial(), r, control = glm.control(epsilon = 1e-15, maxit = 100)); agree(plain, r[[clusters]], fit, b); return(invisible()) }
    keep("logit", clusters, name(colnames(X)), b, fit)
    at <- function(level) { x <- r; x$attended <- factor(level, levels = c("no", "yes")); model.matrix(delete.response(terms(m)), x) }
    X1 <- at("yes"); X0 <- at("no"); p1 <- as.vector(plogis(X1 %*% b)); p0 <- as.vector(plogis(X0 %*% b)); D <- p1 * (1 - p1) * X1 - p0 * (1 - p0) * X0
    average <- function(x, l) { k <- r$ethnicity %in% l; colSums(as.matrix(x)[k, , drop = FALSE] * weight[k]) / sum(weight[k]) }
    groups <- c(as.list(levels(r$ethnicity)), list(levels(r$ethnicity))); C <- t(sapply(groups, function(l) average(D, l))); value <- sapply(groups, function(l) average(p1 - p0, l))
    C <- rbind(C, C[2, ] - C[3, ]); value <- c(value, value[2] - value[3]); keep("logit comparison", clusters, c(levels(r$ethnicity), "all", "Black - White"), value, one(C))
  }
  logit(rep(1, nrow(r)), TRUE); logit(r$weight, FALSE)
}
write_table(do.call(rbind, out), "expected.csv")
cat(n, "respondents,", length(out), "values\n")
