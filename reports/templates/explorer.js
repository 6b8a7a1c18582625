(function () {
  "use strict";
  var form = document.getElementById("choose"), shown = document.getElementById("shown");
  var asked = { item: document.getElementById("choose-item"), by: document.getElementById("choose-by"),
    view: document.getElementById("choose-view") };
  var fits = function (name, value) {
    var select = asked[name];
    return !select || !select.value || value === undefined || select.value === value;
  };
  var apply = function () {
    var tables = 0;
    document.querySelectorAll("[data-item]").forEach(function (section) {
      var own = 0;
      section.querySelectorAll("[data-by]").forEach(function (part) {
        part.hidden = !fits("by", part.dataset.by) || !fits("view", part.dataset.view);
        own += part.hidden ? 0 : part.querySelectorAll("table").length;
      });
      section.hidden = !fits("item", section.dataset.item) || own === 0;
      tables += section.hidden ? 0 : own;
    });
    shown.textContent = tables ? "Showing " + tables + (tables === 1 ? " table." : " tables.")
      : "This question has no such numbers.";
  };
  var all = document.querySelectorAll("details");
  all.forEach(function (details) { details.open = false; });
  window.addEventListener("beforeprint", function () {
    all.forEach(function (details) { details.open = true; });
  });
  var follow = function () {
    var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.closest("[data-item]")) { return; }
    if (target.closest("[hidden]")) {
      Object.keys(asked).forEach(function (name) { if (asked[name]) { asked[name].value = ""; } });
      apply();
    }
    target.scrollIntoView();
  };
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("change", apply);
  window.addEventListener("hashchange", follow);
  form.hidden = false;
  apply();
  follow();
})();
