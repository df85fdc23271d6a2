"use strict";
// How words and numbers are found, and the search page: claims and numbers first, the library reference last.
// The site's own search splits ids at dots and passes over numbers. Works from disk: indices are scripts.

// Lower case, thousands without commas, a plain minus: what is typed and what is printed become alike.
const plainText = (text) => text.toLowerCase().replace(/(\d),(?=\d{3})/g, "$1").replace(/−/g, "-");
const isNumber = (word) => /^-?\d+(\.\d+)?$/.test(word);

// A text fits if it holds every word; a number has to stand alone, so that 69 does not find 6926, nor 8.4 18.45.
const fitsQuery = (query) => {
  const rules = plainText(query).split(/\s+/).filter(Boolean).map((word) => {
    if (!isNumber(word)) return (text) => text.includes(word);
    const number = new RegExp(`(?<![\\w.])${word.replace(".", "\\.")}(?!\\w|\\.\\d)`);
    return (text) => number.test(text);
  });
  return (text) => rules.every((rule) => rule(text));
};

const makeNode = (tag, properties, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};

// Sphinx takes this object for its scores if it is there before its own; `score` lets pages go before the reference.
var Scorer = {
  score: ([name, , , , score]) => (/^(chapters\/reference|_modules|genindex|py-modindex)/.test(name) ? score - 1000 : score),
  objNameMatch: 11, objPartialMatch: 6, objPrio: { 0: 15, 1: 5, 2: -5 }, objPrioDefault: 0,
  title: 15, partialTitle: 7, term: 5, partialTerm: 2,
};

(() => {
  const here = document.currentScript.src;
  const MOST = 20; // hits of a kind on the search page; the ledger shows all

  // An id as typed, then ids that begin so, then ids that hold it, then rows that say it.
  const rank = (query, id) => (id === query ? 0 : id.startsWith(query) ? 1 : id.includes(query) ? 2 : 3);

  function listClaims(query) {
    const fits = fitsQuery(query);
    const hits = window.ledgerClaims.filter((row) => fits(plainText(row.join(" "))));
    if (!hits.length) return [];
    hits.sort((one, other) => rank(query, one[0]) - rank(query, other[0]));
    const ledger = new URL("../chapters/claims.html", here);
    const items = hits.slice(0, MOST).map(([id, statement, published, ours, verdict]) => {
      const link = makeNode("a", { href: `${ledger}#${encodeURIComponent(id)}` }, statement);
      const said = ` ${published === "–" ? "" : `published ${published}, `}ours ${ours}${verdict && `: ${verdict}`}`;
      return makeNode("li", {}, link, makeNode("br"), makeNode("code", {}, id), said);
    });
    const all = makeNode("a", { href: `${ledger}?filter=${encodeURIComponent(query)}` }, `All ${hits.length.toLocaleString("en")} in the ledger`);
    const head = makeNode("h2", {}, hits.length === 1 ? "One claim" : `${hits.length.toLocaleString("en")} claims`);
    return [makeNode("section", { className: "claim-hits" }, head, makeNode("ul", {}, ...items), makeNode("p", {}, all))];
  }

  // Sentences are searched for numbers only: words are what the site's own search is for.
  function listNumbers(query) {
    if (!plainText(query).split(/\s+/).some(isNumber)) return [];
    const fits = fitsQuery(query);
    const hits = window.pageNumbers.flatMap(([page, title, sentences]) => sentences
      .filter(([, text]) => fits(plainText(text))).map(([id, text]) => [`${page}.html#${id}`, title, text]));
    if (!hits.length) return [];
    const items = hits.slice(0, MOST).map(([place, title, text]) =>
      makeNode("li", {}, makeNode("a", { href: new URL(`../${place}`, here).href }, title), makeNode("br"), text));
    const more = hits.length > MOST ? [makeNode("p", {}, `The first ${MOST} of ${hits.length}.`)] : [];
    return [makeNode("section", { className: "claim-hits" }, makeNode("h2", {}, "In the text"), makeNode("ul", {}, ...items), ...more)];
  }

  function load(name) {
    const script = makeNode("script", { src: new URL(name, here).href });
    const done = new Promise((resolve) => ["load", "error"].forEach((event) => script.addEventListener(event, resolve)));
    document.head.append(script);
    return done;
  }

  document.addEventListener("DOMContentLoaded", async () => {
    const results = document.getElementById("search-results");
    const query = new URLSearchParams(location.search).get("q")?.trim();
    if (!results || !query) return;
    await Promise.all([load("claims-index.js"), load("numbers-index.js")]);
    results.before(...listClaims(query), ...listNumbers(query));
  });
})();
