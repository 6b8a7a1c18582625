# Weighted linear models of an answer by the number of events attended, with svyglm for the coefficients and CR2 with
# Satterthwaite degrees of freedom from clubSandwich, for a made-up survey. Run from this folder: Rscript make.R.
# Writes data.csv, expected.csv. For all respondents one slope or step for everybody; by ethnicity events x ethnicity.
# Steps are 1 and 2+ events, or both together (1+) where fewer than 10 attended one of the two. Trend: least-squares slope of
# the adjusted means of 0, 1 and 2+ over the weighted mean number of events of each.
suppressMessages(suppressWarnings({ library(survey); library(clubSandwich) }))
options(digits = 15)
VERSIONS <- sprintf("# R %s survey %s clubSandwich %s", getRversion(), packageVersion("survey"), packageVersion("clubSandwich"))
write_table <- function(frame, file, digits = 17) {
  for (name in names(frame)) if (is.double(frame[[name]])) frame[[name]] <- ifelse(is.na(frame[[name]]), NA, sprintf("%.*g", digits, frame[[name]]))
  writeLines(VERSIONS, file)
  suppressWarnings(write.table(frame, file, append = TRUE, sep = ",", row.names = FALSE, na = "", quote = FALSE))
}
set.seed(505)
sites <- data.frame(site = sprintf("site %02d", 1:18), level = rnorm(18, 0, .3), white = rbeta(18, 1.5, 1.5))
rows <- sites[rep(1:18, 17 + rpois(18, 4)), ]; n <- nrow(rows)
d <- data.frame(site = rows$site, weight = round(exp(rnorm(n, 0, .4)), 4), ethnicity = ifelse(runif(n) < rows$white, "White", sample(c("Asian", "Black"), n, TRUE, c(.4, .6))),
  age_band = sample(c("16-34", "35-54", "55+"), n, TRUE), sex = sample(c("Female", "Male"), n, TRUE))
d$visits <- ifelse(runif(n) < plogis(.1 + .5 * (d$age_band == "55+")), 1 + rpois(n, ifelse(d$ethnicity == "Asian", .1, .9)), 0)
latent <- rows$level + .25 * d$visits - .5 * (d$ethnicity == "Black") + .3 * (d$age_band == "55+") + rnorm(n)
d$confident <- as.numeric(latent > .3); d$score <- round(3 + latent, 2); d$confident[runif(n) < .04] <- NA
d$events <- ifelse(d$visits >= 3, "3+", as.character(d$visits)); d$visits <- NULL
write_table(d, "data.csv", 15)

d$count <- pmin(as.numeric(sub("+", "", d$events, fixed = TRUE)), 3); d$row <- seq_len(n)
for (v in c("ethnicity", "age_band", "sex")) d[[v]] <- factor(d[[v]])
steps_of <- function(count) if (min(sum(count == 1), sum(count >= 2)) < 10) list("1+" = c(1, Inf)) else list("1" = c(1, 1), "2+" = c(2, Inf))
out <- list()
keep <- function(outcome, clusters, events, group, estimate, test) out[[length(out) + 1]] <<- data.frame(outcome, clusters, events, group, estimate, std_error = test$SE, df = test$df)
for (outcome in c("confident", "score")) { u <- d[!is.na(d[[outcome]]), ]; groups <- c(list("All respondents" = rep(TRUE, nrow(u))), lapply(setNames(levels(u$ethnicity), levels(u$ethnicity)), function(g) u$ethnicity == g))
  steps <- lapply(groups, function(k) steps_of(u$count[k])); reference <- names(which.max(tapply(u$weight, u$ethnicity, sum)))
  columns <- list(); for (g in names(groups)) { columns[[paste(g, "line")]] <- u$count * groups[[g]]; for (s in names(steps[[g]])) columns[[paste(g, s)]] <- (u$count >= steps[[g]][[s]][1] & u$count <= steps[[g]][[s]][2]) * groups[[g]] }
  for (clusters in c("row", "site")) {
    fit_on <- function(names_used) { E <- do.call(cbind, columns[names_used]); colnames(E) <- names_used; u$E <- E
      list(E = E, line = as.formula(paste(outcome, "~ E + ethnicity + age_band + sex"))) }
    combine <- function(f, weights) {                  # other coordinates, in which the combination is the first coefficient
      A <- diag(ncol(f$E)); pivot <- match(names(weights)[1], colnames(f$E)); A <- rbind(0, A[-pivot, , drop = FALSE]); A[1, match(names(weights), colnames(f$E))] <- unlist(weights)
      v <- u; v$E <- unname(f$E %*% solve(A)); m <- lm(f$line, v, weights = weight); s <- svyglm(f$line, svydesign(ids = ~1, weights = ~weight, data = v)); stopifnot(max(abs(coef(m) - coef(s))) < 1e-9)
      t <- suppressMessages(coef_test(m, vcov = "CR2", cluster = v[[clusters]], test = "Satterthwaite")); list(estimate = coef(s)[[2]], test = list(SE = t$SE[2], df = t$df_Satt[2])) }
    report <- function(f, g, events, weights) { r <- combine(f, weights); keep(outcome, clusters, events, g, r$estimate, r$test) }
    for (scope in list("All respondents", levels(u$ethnicity))) { line <- fit_on(paste(scope, "line")); stepped <- fit_on(unlist(lapply(scope, function(g) paste(g, names(steps[[g]])))))
      for (g in scope) { report(line, g, "per event", setNames(list(1), paste(g, "line"))); for (s in names(steps[[g]])) report(stepped, g, paste(s, "- 0"), setNames(list(1), paste(g, s)))
        if (length(steps[[g]]) == 2) { k <- groups[[g]]; scores <- c(0, 1, { m <- k & u$count >= 2; weighted.mean(u$count[m], u$weight[m]) }); centred <- scores - mean(scores); slope <- centred / sum(centred^2)
          report(stepped, g, "trend", setNames(as.list(slope[2:3]), paste(g, c("1", "2+")))) }
        if (length(scope) > 1 && g != reference) report(line, paste(g, "-", reference), "per event", setNames(list(1, -1), paste(c(g, reference), "line"))) } } } }
write_table(do.call(rbind, out), "expected.csv")
print(table(d$ethnicity, d$events)); cat(n, "respondents,", length(out), "rows\n")
