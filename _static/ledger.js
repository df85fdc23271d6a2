"use strict";
// The ledger as a tool: filters, order and the query in the address; fifty rows at a time. Works from disk.
document.addEventListener("DOMContentLoaded", () => {
  const STEP = 50;
  const anchors = [...document.querySelectorAll("article tr .row-anchor")];
  if (!anchors.length) return;
  const table = anchors[0].closest("table");
  const body = table.tBodies[0];
  const facts = JSON.parse(document.getElementById("claim-facts").textContent);
  const words = (node) => node.textContent.replace(/\s+/g, " ").trim();
  const number = (text) => parseFloat(/-?\d[\d.]*(e[+-]?\d+)?/.exec(plainText(text))?.[0] ?? "NaN");

  const rows = anchors.map((anchor, place) => {
    const node = anchor.closest("tr");
    const [claim, published, ours] = [...node.cells].map(words);
    const [study, chapter, kind] = ["study", "chapter", "kind"].map((name) => facts[name].words[facts[name].of[place]]);
    const kinds = facts.headline.includes(place) && kind !== "headline" ? [kind, "headline"] : [kind];
    const verdict = [...node.querySelectorAll(".verdict")].map(words);
    const text = plainText([words(node), study, chapter, ...kinds].join(" "));
    const keys = { claim, published: number(published), ours: number(ours), verdict: verdict.join(" ") };
    return { node, id: anchor.id, place, text, keys, has: { study: [study], chapter: [chapter], kind: kinds, verdict } };
  });

  // What can be chosen, and what is: the address keeps all that is not as at first.
  const NAMES = { study: "Who says it", chapter: "Chapter", verdict: "Verdict", kind: "Kind" };
  const SORTS = ["claim", "published", "ours", "verdict"];
  const control = (label, node) => makeNode("label", {}, label, node);
  const option = (value, text) => makeNode("option", { value }, text);
  const input = makeNode("input", { type: "search", autocomplete: "off", spellcheck: false });
  const selects = Object.fromEntries(Object.keys(NAMES).map((name) => {
    const counts = new Map();
    for (const row of rows) for (const value of row.has[name]) counts.set(value, (counts.get(value) ?? 0) + 1);
    const options = [...counts].map(([value, count]) => option(value, `${value} (${count})`));
    return [name, makeNode("select", {}, option("", "all"), ...options)];
  }));
  const sort = makeNode("select", {}, option("", "as in the book"),
    ...SORTS.flatMap((name) => [option(name, `${name}, rising`), option(`-${name}`, `${name}, falling`)]));
  const status = makeNode("p", {});
  status.setAttribute("role", "status");
  const clear = makeNode("button", { type: "button" }, "Clear");
  const form = makeNode("form", { className: "ledger-filter" },
    control("Filter the claims by id, words or number", input),
    ...Object.entries(selects).map(([name, node]) => control(NAMES[name], node)), control("Sort by", sort), status, clear);
  form.setAttribute("role", "search");
  form.setAttribute("aria-label", "Claims");
  const more = makeNode("button", { type: "button" }, `Show ${STEP} more`);
  const all = makeNode("button", { type: "button" }, "Show all");
  const foot = makeNode("p", { className: "ledger-more" }, more, " ", all);
  const controls = { filter: input, ...selects, sort };
  let limit = STEP;
  let shown = rows;

  // A header is a button that sorts: rising, falling, as it was.
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, place) => {
    const button = makeNode("button", { type: "button", className: "ledger-sort" }, words(head));
    button.addEventListener("click", () => {
      const name = SORTS[place];
      sort.value = sort.value === name ? `-${name}` : sort.value === `-${name}` ? "" : name;
      choose();
    });
    head.replaceChildren(button);
  });

  const collator = new Intl.Collator("en");
  const compare = (one, other) => (typeof one === "string" ? collator.compare(one, other) : one - other);
  function ordered(found) {
    const [falling, name] = [sort.value.startsWith("-"), sort.value.replace("-", "")];
    if (!name) return found;
    const missing = (row) => row.keys[name] === "" || Number.isNaN(row.keys[name]);
    return [...found].sort((one, other) => missing(one) - missing(other)
      || (missing(one) ? 0 : compare(one.keys[name], other.keys[name]) * (falling ? -1 : 1)) || one.place - other.place);
  }

  // Fifty rows are a part of the table of their own. Parts past the limit are hidden until the find of the browser, or an
  // address, asks for them; what the filter leaves out is in the last part.
  const parts = Array.from({ length: Math.ceil(rows.length / STEP) + 1 }, (_, place) => place ? document.createElement("tbody") : body);
  for (const part of parts) part.setAttribute("role", "rowgroup");
  const rest = parts.at(-1);
  rest.hidden = true;
  function fill(part, nodes) {
    if (part.children.length !== nodes.length || nodes.some((node, place) => part.children[place] !== node)) part.replaceChildren(...nodes);
  }
  const slice = (place) => shown.slice(place * STEP, (place + 1) * STEP).map((row) => row.node);
  const idle = window.requestIdleCallback ?? ((action) => setTimeout(action, 50));
  let waiting = false;

  // What is to be seen comes at once, the parts behind it when there is time.
  function draw() {
    parts.slice(0, -1).forEach((part, place) => {
      if (place * STEP < limit) {
        fill(part, slice(place));
        part.removeAttribute("hidden");
      } else if (!part.hidden) part.setAttribute("hidden", "until-found");
    });
    const count = Math.min(limit, shown.length);
    status.textContent = `${shown.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} claims${count < shown.length ? `, the first ${count} shown` : ""}`;
    foot.hidden = count === shown.length;
    if (!waiting) idle(settle);
    waiting = true;
  }
  function settle() {
    waiting = false;
    const fit = new Set(shown);
    fill(rest, rows.filter((row) => !fit.has(row)).map((row) => row.node));
    parts.slice(0, -1).forEach((part, place) => fill(part, slice(place)));
  }

  function show() {
    const fits = fitsQuery(input.value);
    const chosen = Object.entries(selects).filter(([, node]) => node.value);
    shown = ordered(rows.filter((row) => fits(row.text) && chosen.every(([name, node]) => row.has[name].includes(node.value))));
    heads.forEach((head, place) => {
      const [mine, falling] = [sort.value.replace("-", "") === SORTS[place], sort.value.startsWith("-")];
      mine ? head.setAttribute("aria-sort", falling ? "descending" : "ascending") : head.removeAttribute("aria-sort");
    });
    draw();
  }

  let timer = 0;
  function remember() {
    const query = new URLSearchParams(Object.entries(controls).map(([name, node]) => [name, node.value.trim()]).filter(([, value]) => value));
    clearTimeout(timer); // browsers refuse to rewrite an address many times a second
    timer = setTimeout(() => history.replaceState(null, "", `${location.pathname}${query.size ? `?${query}` : ""}${location.hash}`), 200);
  }
  function choose() {
    limit = STEP;
    show();
    remember();
  }
  function read() {
    const query = new URLSearchParams(location.search);
    for (const [name, node] of Object.entries(controls)) node.value = query.get(name) ?? "";
    for (const node of [...Object.values(selects), sort]) if (node.selectedIndex < 0) node.value = "";
  }
  function reach(row) { // as many rows as it takes to show one; without its filter if that hides it
    if (!shown.includes(row)) {
      for (const node of Object.values(controls)) node.value = "";
      show();
      remember();
    }
    limit = Math.max(limit, Math.ceil((shown.indexOf(row) + 1) / STEP) * STEP);
    draw();
  }
  function follow() {
    const id = decodeURIComponent(location.hash.slice(1));
    const row = id && rows.find((each) => each.id === id);
    if (!row || (shown.includes(row) && shown.indexOf(row) < limit)) return;
    reach(row);
    row.node.scrollIntoView();
  }

  input.addEventListener("input", choose);
  form.addEventListener("change", (event) => { if (event.target !== input) choose(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  clear.addEventListener("click", () => {
    for (const node of Object.values(controls)) node.value = "";
    choose();
    input.focus();
  });
  function extend(most) { // and go on reading where the next row begins
    const next = shown[limit];
    limit = most;
    draw();
    next?.node.querySelector("a").focus();
  }
  more.addEventListener("click", () => extend(limit + STEP));
  all.addEventListener("click", () => extend(rows.length));
  table.addEventListener("beforematch", (event) => {
    limit = Math.max(limit, (parts.indexOf(event.target.closest("tbody")) + 1) * STEP);
    draw();
  });
  if (!("onbeforematch" in body)) { // its find sees nothing that is hidden
    addEventListener("keydown", (event) => { if ((event.ctrlKey || event.metaKey) && event.key === "f") all.click(); });
  }
  addEventListener("hashchange", follow);
  addEventListener("popstate", () => { read(); show(); });

  table.classList.add("ledger-table");
  table.append(...parts.slice(1));
  const scroller = table.closest(".pst-scrollable-table-container") ?? table;
  (table.closest(".cell") ?? scroller).before(form);
  scroller.after(foot);
  read();
  show();
  follow();
});
