(function () {
  "use strict";
  var status = document.createElement("p");
  status.className = "heard";
  status.setAttribute("role", "status");
  document.body.appendChild(status);
  var say = function (text) { status.textContent = ""; window.setTimeout(function () { status.textContent = text; }, 50); };
  var words = function (cell) { return cell.textContent.replace(/\s+/g, " ").trim(); };
  var number = function (text) {
    return parseFloat(text.replace(/,/g, "").replace("\u2212", "-").replace(/^(\+|\u00a3|under )/, ""));
  };
  var compare = function (one, other, numeric) {
    if (!numeric) { return one.localeCompare(other, "en-GB", { numeric: true }); }
    var first = number(one), second = number(other);
    if (isNaN(first) || isNaN(second)) { return isNaN(first) - isNaN(second); }
    return first - second;
  };
  var sortable = function (table) {
    var body = table.tBodies[0], original = Array.prototype.slice.call(body.rows);
    if (original.length < 3) { return; }
    var heads = table.tHead.rows[0].cells;
    Array.prototype.forEach.call(heads, function (head, place) {
      var button = document.createElement("button"), name = words(head);
      button.type = "button";
      button.className = "sort";
      while (head.firstChild) { button.appendChild(head.firstChild); }
      head.appendChild(button);
      var numeric = head.classList.contains("number");
      button.addEventListener("click", function () {
        var was = head.getAttribute("aria-sort");
        var now = !was ? "ascending" : was === "ascending" ? "descending" : "";
        Array.prototype.forEach.call(heads, function (other) { other.removeAttribute("aria-sort"); });
        if (now) { head.setAttribute("aria-sort", now); }
        var rows = original.slice();
        if (now) {
          rows.sort(function (one, other) {
            var first = words(one.cells[place]), second = words(other.cells[place]);
            var order = compare(first, second, numeric);
            var known = !numeric || (!isNaN(number(first)) && !isNaN(number(second)));
            return now === "descending" && known ? -order : order;
          });
        }
        rows.forEach(function (row) { body.appendChild(row); });
        say(now ? "Sorted by " + name + ", " + now + "." : "Back in the first order.");
      });
    });
  };
  var text = function (table) {
    var lines = [words(table.caption)];
    Array.prototype.forEach.call(table.rows, function (row) {
      lines.push(Array.prototype.map.call(row.cells, words).join("\t"));
    });
    return lines.join("\n") + "\n";
  };
  var byHand = function (content) {
    var area = document.createElement("textarea");
    area.value = content;
    area.className = "heard";
    document.body.appendChild(area);
    area.select();
    var done = document.execCommand("copy");
    area.remove();
    return done;
  };
  var copyable = function (table) {
    var button = document.createElement("button"), label = "Copy table";
    button.type = "button";
    button.className = "copy";
    button.textContent = label;
    button.setAttribute("aria-label", label + ": " + words(table.caption));
    button.addEventListener("click", function () {
      var told = function (done) { say(done ? "Copied: " + words(table.caption) : "The table could not be copied."); button.focus(); };
      if (navigator.clipboard && navigator.clipboard.writeText) {
        navigator.clipboard.writeText(text(table)).then(function () { told(true); }, function () { told(byHand(text(table))); });
      } else { told(byHand(text(table))); }
    });
    var region = table.closest(".scroll");
    region.parentNode.insertBefore(button, region.nextSibling);
  };
  document.querySelectorAll(".scroll > table").forEach(function (table) { sortable(table); copyable(table); });
})();
