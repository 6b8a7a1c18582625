(function () {
  "use strict";
  var STEPS = 512, GAP_STEPS = 128, LARGEST = 1e6, HALVINGS = 200, OUT_OF_REACH = 40;
  var LANCZOS = [676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7];

  function logGamma(x) {
    if (x < 0.5) { return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x); }
    var sum = 0.99999999999980993, t = x + 6.5;
    LANCZOS.forEach(function (part, place) { sum += part / (x + place); });
    return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
  }
  // Regularised incomplete beta function, by its continued fraction.
  function beta(a, b, x) {
    if (x <= 0) { return 0; }
    if (x >= 1) { return 1; }
    if (x > (a + 1) / (a + b + 2)) { return 1 - beta(b, a, 1 - x); }
    var front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
    var c = 1, d = 1 / fenced(1 - (a + b) * x / (a + 1)), h = d;
    for (var m = 1; m < 10000; m += 1) {
      var even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
      d = 1 / fenced(1 + even * d); c = fenced(1 + even / c); h *= d * c;
      var odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
      d = 1 / fenced(1 + odd * d); c = fenced(1 + odd / c);
      var step = d * c;
      h *= step;
      if (Math.abs(step - 1) < 1e-15) { break; }
    }
    return front * h;
  }
  function fenced(x) { return Math.abs(x) < 1e-300 ? 1e-300 : x; }
  // Upper tail of the normal distribution: series near the middle, continued fraction far out.
  function upper(x) {
    if (x < 0) { return 1 - upper(-x); }
    var density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI), k;
    if (x < 3) {
      var term = x, sum = x;
      for (k = 1; Math.abs(term) > 1e-17; k += 1) { term *= x * x / (2 * k + 1); sum += term; }
      return 0.5 - density * sum;
    }
    var tail = x;
    for (k = 200; k > 0; k -= 1) { tail = x + k / tail; }
    return density / tail;
  }
  function normal(x) { return upper(-x); }
  function normalQuantile(p) { return crossing(normal, -40, 40, p); }
  function studentQuantile(df, p) {
    if (!isFinite(df)) { return normalQuantile(p); }
    var cdf = function (t) { return 1 - beta(df / 2, 0.5, df / (df + t * t)) / 2; }, far = 1;
    while (cdf(far) < p) { far *= 2; }
    return crossing(cdf, 0, far, p);
  }
  function crossing(f, below, above, target) {
    for (var step = 0; step < HALVINGS; step += 1) {
      var middle = (below + above) / 2;
      if (middle === below || middle === above) { break; }
      if (f(middle) >= target) { above = middle; } else { below = middle; }
    }
    return above;
  }
  function firstCrossing(f, grid, target) {
    var below = grid[0];
    if (f(below) >= target) { return below; }
    for (var place = 1; place < grid.length; place += 1) {
      if (f(grid[place]) >= target) { return crossing(f, below, grid[place], target); }
      below = grid[place];
    }
    return NaN;
  }
  function grid(count, at) { return Array.from({ length: count + 1 }, function (_, step) { return at(step / count); }); }

  // P(|T| > critical) of the noncentral t: a Poisson mixture of beta tails.
  function studentPower(far, critical, df) {
    if (far > OUT_OF_REACH * (critical + 1)) { return 1; }
    var middle = far * far / 2, width = 8 * Math.sqrt(middle) + 20;
    var first = Math.max(0, Math.floor(middle - width)), last = Math.ceil(middle + width);
    var x = critical * critical / (critical * critical + df), b = df / 2, rest = df / (critical * critical + df);
    var tail = 1 - beta(first + 0.5, b, x), sum = 0, all = 0;
    for (var k = first; k <= last; k += 1) {
      var a = k + 0.5, log = middle > 0 ? k * Math.log(middle) : (k ? -Infinity : 0);
      var chance = Math.exp(log - logGamma(k + 1) - middle);
      sum += chance * tail;
      all += chance;
      tail += Math.exp(a * Math.log(x) + b * Math.log(rest) - Math.log(a) - logGamma(a) - logGamma(b) + logGamma(a + b));
    }
    return sum / all;
  }
  function twoSided(ratio, level, df) {
    var critical = studentQuantile(df, (1 + level) / 2);
    return isFinite(df) ? studentPower(ratio, critical, df) : normal(ratio - critical) + normal(-ratio - critical);
  }
  function error(p, q, bases) { return Math.sqrt(p * (1 - p) / bases[0] + q * (1 - q) / bases[1]); }
  function dfOfChange(bases, dfFirst) {
    if (!isFinite(dfFirst)) { return Infinity; }
    var dfSecond = Math.max(1, dfFirst * bases[1] / bases[0]), one = 1 / bases[0], two = 1 / bases[1];
    return (one + two) * (one + two) / (one * one / dfFirst + two * two / dfSecond);
  }
  function power(s, second, bases, df) {
    var wide = error(s.baseline, second, bases);
    return wide > 0 ? twoSided(Math.abs(second - s.baseline) / wide, s.level, df) : 1;
  }
  function detectable(s, bases, df, way) {
    var room = way > 0 ? 1 - s.baseline : s.baseline;
    var critical = studentQuantile(df, (1 + s.level) / 2), far = 1;
    var at = isFinite(df)
      ? function (nc) { return studentPower(nc, critical, df); }
      : function (nc) { return normal(nc - critical) + normal(-nc - critical); };
    while (at(far) < s.power) { far *= 2; }
    var enough = crossing(at, 0, far, s.power);
    return firstCrossing(function (change) {
      var wide = error(s.baseline, s.baseline + way * change, bases);
      return wide > 0 ? change / wide : Infinity;
    }, grid(STEPS, function (part) { return room * part; }), enough);
  }
  function needed(s) {
    var second = s.baseline + s.change;
    var shown = function (n) { return power(s, second, [s.first, n], dfOfChange([s.first, n], s.df)); };
    var sizes = grid(STEPS, function (part) { return Math.pow(LARGEST, part); });
    var n = firstCrossing(shown, sizes, s.power);
    if (!isNaN(n)) { return { n: n * s.effect }; }
    var far = function () {
      var wide = Math.sqrt(s.baseline * (1 - s.baseline) / s.first);
      return twoSided(Math.abs(s.change) / wide, s.level, s.df);
    };
    return { best: isFinite(s.df) ? Math.max.apply(null, sizes.map(shown).concat([far()])) : far() };
  }
  function afresh(s) {
    var second = s.baseline + s.change, z = normalQuantile((1 + s.level) / 2) + normalQuantile(s.power);
    var spread = s.baseline * (1 - s.baseline) + second * (1 - second);
    return s.effect * Math.max(z * z * spread / (s.change * s.change), 1);
  }
  function gapPower(s, gap, sizes) {
    var share = Math.min(Math.max(s.baseline + gap, 0), 1);
    var one = share * (1 - share) * s.effect / sizes[0], two = s.baseline * (1 - s.baseline) * s.effect / sizes[1];
    var bases = [sizes[0] / s.effect, sizes[1] / s.effect];
    var df = (one + two) * (one + two) / (one * one / (bases[0] - 1) + two * two / (bases[1] - 1));
    return twoSided(Math.abs(gap) / Math.sqrt(one + two), s.level, df);
  }
  function smallestGap(s, sizes, way) {
    var room = way > 0 ? 1 - s.baseline : s.baseline;
    return firstCrossing(function (gap) { return gapPower(s, way * gap, sizes); },
      grid(GAP_STEPS, function (part) { return room * part; }), s.power);
  }

  function percent(share) { return (Math.round(1000 * share) / 10).toFixed(1) + "%"; }
  function points(change) { return isNaN(change) ? "none can be shown" : (100 * Math.abs(change)).toFixed(1) + " points"; }
  function people(n) { return Math.ceil(n - 1e-9).toLocaleString("en-GB"); }
  function say(name, text) { document.getElementById("out-" + name).textContent = text; }
  function numberOf(name) {
    var box = document.getElementById(name), value = box.value.trim() === "" ? NaN : Number(box.value);
    if (name === "df" && box.value.trim() === "" && !box.validity.badInput) { return Infinity; }
    var right = value >= Number(box.min) && value <= Number(box.max);
    box.setAttribute("aria-invalid", right ? "false" : "true");
    return right ? value : NaN;
  }

  function show() {
    var s = {
      baseline: numberOf("baseline") / 100, change: numberOf("change") / 100, first: numberOf("first"),
      df: numberOf("df"), n: numberOf("n"), effect: numberOf("effect"), attending: numberOf("attending") / 100,
      power: numberOf("power") / 100, level: 0.95
    };
    var wrong = Object.keys(s).some(function (name) { return isNaN(s[name]); });
    var second = s.baseline + s.change, room = !wrong && second > 1e-12 && second < 1 - 1e-12;
    var asked = room && Math.abs(s.change) > 1e-12;
    document.getElementById("wrong").textContent = wrong ? "A number is missing or outside its limits."
      : room ? "" : "The change has no room: the share would leave 0% to 100%.";
    if (wrong) {
      document.querySelectorAll("[id^=out-]").forEach(function (out) { out.textContent = "not worked out"; });
      return;
    }
    var bases = [s.first, s.n / s.effect], df = dfOfChange(bases, s.df);
    say("power", asked ? percent(power(s, second, bases, df)) : "give a change");
    say("rise", points(detectable(s, bases, df, 1)));
    say("fall", points(detectable(s, bases, df, -1)));
    var next = asked ? needed(s) : null;
    say("needed", !next ? "give a change" : next.n ? people(next.n) + " respondents"
      : "not possible: at best a chance of " + percent(next.best));
    say("afresh", asked ? people(afresh(s)) + " respondents in each" : "give a change");
    var z = normalQuantile((1 + s.level) / 2), half = z * Math.sqrt(s.baseline * (1 - s.baseline) / bases[1]);
    say("precision", (100 * half).toFixed(1) + " points either way");
    var sizes = [s.n * s.attending, s.n * (1 - s.attending)];
    var few = Math.min(sizes[0], sizes[1]) < 2 * s.effect;
    say("gap-power", few ? "too few of one kind" : asked ? percent(gapPower(s, s.change, sizes)) : "give a change");
    say("gap-up", few ? "too few of one kind" : points(smallestGap(s, sizes, 1)));
    say("gap-down", few ? "too few of one kind" : points(smallestGap(s, sizes, -1)));
  }

  document.documentElement.classList.add("scripted");
  document.querySelectorAll("input[data-beside]").forEach(function (slider) {
    var box = document.getElementById(slider.dataset.beside);
    slider.addEventListener("input", function () { box.value = slider.value; show(); });
    box.addEventListener("input", function () { slider.value = box.value; show(); });
  });
  document.getElementById("df").addEventListener("input", show);
  document.querySelector("form").addEventListener("submit", function (event) { event.preventDefault(); });
  show();
}());
