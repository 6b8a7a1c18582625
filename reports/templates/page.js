(function () {
  "use strict";
  var read = function (id) { return JSON.parse(document.getElementById(id).textContent); };
  var figures = read("figures"), config = read("config");
  var draw = function () {
    document.querySelectorAll("[data-figure]").forEach(function (plot) {
      var figure = figures[plot.dataset.figure];
      if (!window.Plotly || !figure) { return; }
      var live = document.createElement("div");
      live.className = "live";
      plot.appendChild(live);
      plot.classList.add("drawn");
      window.Plotly.newPlot(live, figure.data, figure.layout, config).catch(function () {
        plot.classList.remove("drawn");
        live.remove();
      });
    });
    var ruler = document.getElementById("js-plotly-tester");
    if (ruler) { ruler.setAttribute("aria-hidden", "true"); }
  };
  // The chart library is packed, which halves this file; a browser that can't unpack it shows the charts as drawn already
  if (window.DecompressionStream) {
    var packed = atob(document.getElementById("bundle").textContent.trim());
    var bytes = Uint8Array.from(packed, function (letter) { return letter.charCodeAt(0); });
    var unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    new Response(unpacked).text().then(function (library) {
      var script = document.createElement("script");
      script.textContent = library;
      document.head.appendChild(script);
      draw();
    }).catch(function () { return undefined; });
  }
  var all = document.querySelectorAll("details");
  all.forEach(function (details) { details.open = false; });
  window.addEventListener("beforeprint", function () {
    all.forEach(function (details) { details.open = true; });
  });
  var openTarget = function () {
    var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    var details = target && target.closest("details");
    if (details) { details.open = true; }
  };
  window.addEventListener("hashchange", openTarget);
  openTarget();
})();
