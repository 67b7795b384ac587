// Stands in for the loaders that pages of the reference have: what is documented of them, in our own
// words. One wraps itself as a universal module, which makes `window.tracardi` before the script comes.

/** What all of them do: a stub that keeps calls, `response`, and who is told when it is ready. */
const COMMON = `
  w.response = w.response || { context: {} };
  var waiting = [], told;
  w.onTracardiReady = {
    bind: function (fn) { told ? fn(told) : waiting.push(fn); },
    call: function (params) { told = params; waiting.forEach(function (fn) { fn(params); }); waiting = []; }
  };
  w.documentReady = function (fn, ctx) {
    if (document.readyState !== "loading") setTimeout(function () { fn(ctx); }, 0);
    else document.addEventListener("DOMContentLoaded", function () { fn(ctx); });
  };
  var queue = [];
  w.tracker = { track: function () { queue.push(arguments); } };
  function replay() {
    if (!w.tracardi || !w.tracardi.default) { console.error("Callbacks stopped. Tracker not initialized"); return; }
    w.tracker = w.tracardi.default;
    queue.forEach(function (call) { w.tracker.track.apply(w.tracker, call); });
    queue = [];
  }
  w.documentReady(function () {
    options.context = { gpu: null };
    var url = options.tracker.url.script, s = document.createElement("script");
    s.async = true;
    s.onload = replay;
    s.src = url == null ? FILE : /^(http|\\/\\/)/.test(url) ? url + "/" + FILE : url;
    document.head.appendChild(s);
  });
`;

/** A page with such a loader; `file` is what it asks for. */
export function referencePage(options, { file = "liliput.min.js", isModule = true, more = "" } = {}) {
  const body = COMMON.replaceAll("FILE", JSON.stringify(file));
  const loader = isModule
    ? `(function (root, factory) {
         if (typeof exports === "object" && typeof module === "object") module.exports = factory();
         else if (typeof define === "function" && define.amd) define([], factory);
         else root.tracardi = factory();
       })(window, function () { var w = window; ${body}
         var made = {}; Object.defineProperty(made, "__esModule", { value: true }); return made; });`
    : `(function (w) { ${body} })(window);`;
  return `<script>const options = ${JSON.stringify(options)};</script><script>${loader}</script><script>${more}</script>`;
}
