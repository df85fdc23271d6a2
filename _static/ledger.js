"use strict";
// Finds claims by id, words or number: a filter above the ledger, and hits on the search page. Works from disk.
(() => {
  const here = document.currentScript.src;
  const MOST = 20; // hits that the search page lists; the ledger shows all

  // Lower case, thousands without commas, a plain minus: what is typed and what is printed become alike.
  const plain = (text) => text.toLowerCase().replace(/(\d),(?=\d{3})/g, "$1").replace(/−/g, "-");

  // A row fits if it holds every word; a number has to stand alone, so that 69 does not find 6926.
  const test = (query) => {
    const words = plain(query).split(/\s+/).filter(Boolean);
    const rules = words.map((word) => {
      if (!/^-?\d+(\.\d+)?$/.test(word)) return (text) => text.includes(word);
      const number = new RegExp(`(?<![\\d.])${word.replace(".", "\\.")}(?!\\d)`);
      return (text) => number.test(text);
    });
    return (text) => rules.every((rule) => rule(text));
  };

  const make = (tag, properties, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };

  function filterLedger() {
    const anchors = [...document.querySelectorAll("article td .row-anchor")];
    if (!anchors.length) return;
    const rows = anchors.map((anchor) => anchor.closest("tr"));
    const texts = rows.map((row) => plain(row.textContent));
    const input = make("input", { type: "search", autocomplete: "off", spellcheck: false });
    const status = make("p", {});
    status.setAttribute("role", "status");
    const form = make("form", { className: "ledger-filter" }, make("label", {}, "Filter the claims by id, words or number", input), status);
    form.setAttribute("role", "search");
    form.setAttribute("aria-label", "Claims");
    const show = () => {
      const fits = test(input.value);
      let count = 0;
      rows.forEach((row, place) => {
        const hide = !fits(texts[place]);
        if (row.hidden !== hide) row.hidden = hide;
        count += !hide;
      });
      status.textContent = `${count} of ${rows.length} claims`;
    };
    input.addEventListener("input", show);
    form.addEventListener("submit", (event) => event.preventDefault());
    const table = rows[0].closest("table");
    (table.closest(".cell") ?? table).before(form);
    input.value = new URLSearchParams(location.search).get("filter") ?? "";
    show();
    // An address of a claim shows it, whatever the filter hides.
    const reveal = () => {
      const row = document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest("tr");
      if (row?.hidden) {
        input.value = "";
        show();
        row.scrollIntoView();
      }
    };
    addEventListener("hashchange", reveal);
    reveal();
  }

  function searchClaims() {
    const results = document.getElementById("search-results");
    const query = new URLSearchParams(location.search).get("q")?.trim();
    if (!results || !query) return;
    const script = make("script", { src: new URL("claims-index.js", here).href });
    script.addEventListener("load", () => listClaims(results, query));
    document.head.append(script);
  }

  function listClaims(results, query) {
    const fits = test(query);
    const hits = window.ledgerClaims.filter((row) => fits(plain(row.join(" "))));
    if (!hits.length) return;
    const ledger = new URL("../chapters/claims.html", here);
    const items = hits.slice(0, MOST).map(([id, statement, published, ours, verdict]) => {
      const link = make("a", { href: `${ledger}#${encodeURIComponent(id)}` }, statement);
      return make("li", {}, link, make("br", {}), make("code", {}, id), ` ${published === "–" ? "" : `published ${published}, `}ours ${ours}${verdict && `: ${verdict}`}`);
    });
    const all = make("a", { href: `${ledger}?filter=${encodeURIComponent(query)}` }, `All ${hits.length} in the ledger`);
    const head = make("h2", {}, hits.length === 1 ? "One claim" : `${hits.length} claims`);
    results.before(make("section", { className: "claim-hits" }, head, make("ul", {}, ...items), make("p", {}, all)));
  }

  const start = () => {
    filterLedger();
    searchClaims();
  };
  document.readyState === "loading" ? addEventListener("DOMContentLoaded", start) : start();
})();
