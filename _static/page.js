"use strict";
// What a page does with its tables and code for those who read it on a phone, by keyboard or by ear.
document.addEventListener("DOMContentLoaded", () => {
  const article = document.querySelector("article.bd-article");
  if (!article) return;
  const words = (node) => node.textContent.replace(/\s+/g, " ").trim();

  // In tables names break after a slash, and code after dots and underscores too; in prose only long code does, and an
  // option nowhere.
  const SHORT = 25;
  for (const cell of article.querySelectorAll("td, th, code.literal")) {
    const inside = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), texts = [];
    while (inside.nextNode()) texts.push(inside.currentNode);
    for (const text of texts) {
      const holder = text.parentNode, code = holder.closest("code");
      if (code && (text.data.startsWith("-") || (!holder.closest("td, th") && text.data.length < SHORT))) {
        holder.classList.add("whole");
        continue;
      }
      const parts = text.data.split(code ? /(?<=[._/])(?=\w)/ : /(?<=\w\/)(?=\w)/);
      if (parts.length > 1) text.replaceWith(...parts.flatMap((part) => [part, document.createElement("wbr")]));
    }
  }

  // Tables with verdicts, and those of sentences, become cards on a phone. What is laid out otherwise has to say that
  // it still is a table.
  const wordy = ({ tBodies: [body] }) => body.rows.length && words(body).split(" ").length > 18 * body.rows.length;
  const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
  for (const table of article.querySelectorAll("table")) {
    if (!table.tHead || !table.tBodies.length || !(table.querySelector("tbody .verdict") || wordy(table))) continue;
    table.classList.add("cards");
    for (const node of [table, ...table.querySelectorAll("*")]) {
      const role = node.tagName === "TH" ? `${node.scope === "row" ? "row" : "column"}header` : ROLES[node.tagName];
      if (role) node.setAttribute("role", role);
    }
    const heads = [...table.tHead.rows[0].cells].map(words);
    for (const row of table.querySelectorAll("tbody tr")) {
      [...row.cells].forEach((cell, place) => {
        if (cell.querySelector(".verdict")) cell.classList.add("card-first");
        else if (place && heads[place] && words(cell)) cell.dataset.head = heads[place];
      });
    }
  }

  // What scrolls in its own box can be reached, and says what it is.
  const name = (box) => words(box.closest("figure")?.querySelector(".caption-number") ?? box) || "Figure";
  const boxes = [...article.querySelectorAll(".figure-box, .pst-scrollable-table-container, div.math, .highlight pre")];
  const fade = (box) => {
    box.classList.toggle("goes-on", box.scrollWidth - box.clientWidth - box.scrollLeft > 4);
    const caption = box.querySelector(".goes-on caption");
    if (caption) box.style.setProperty("--caption", `${caption.offsetHeight}px`);
  };
  for (const box of boxes) box.addEventListener("scroll", () => fade(box), { passive: true });
  const coming = new IntersectionObserver((seen) => { for (const each of seen) fade(each.target); });  // unfolded by then
  for (const box of boxes) coming.observe(box);
  const reach = () => {
    for (const box of boxes) {
      fade(box);
      if (box.scrollWidth <= box.clientWidth || !box.matches(".figure-box")) continue;
      Object.assign(box, { tabIndex: 0, role: "region", ariaLabel: `${name(box)}, scrolls sideways` });
    }
  };
  reach();
  window.MathJax?.startup?.promise.then(reach);
  addEventListener("resize", reach);

  // One switch for all code of the page.
  const codes = [...article.querySelectorAll("details.hide")];
  const bar = document.querySelector(".article-header-buttons");
  const button = (text, action) => {
    const node = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm page-switch", textContent: text });
    node.addEventListener("click", action);
    bar.prepend(node);
    return node;
  };
  if (codes.length && bar) {
    const shown = () => codes.every((each) => each.open);
    const all = button("Show all code", () => {
      const open = !shown();
      for (const each of codes) each.open = open;
    });
    const tell = () => { all.textContent = shown() ? "Hide all code" : "Show all code"; };
    for (const each of codes) each.addEventListener("toggle", tell);
  }

  // What a term means goes away by Escape, until it is asked for again.
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const term of article.querySelectorAll(".term:is(:hover, :focus)")) term.classList.add("term-off");
  });
  for (const kind of ["mouseover", "focusin"]) {
    document.addEventListener(kind, (event) => { if (kind === "focusin" || !event.target.closest(".term-off")) for (const term of article.querySelectorAll(".term-off")) term.classList.remove("term-off"); });
  }

  // Marks of a search go when they are no longer wanted; the site's own script sets them before or after this one.
  addEventListener("load", () => {
    if (!bar || !article.querySelector("span.highlighted")) return;
    const marks = button("Remove the marks of the search", () => {
      for (const mark of article.querySelectorAll("span.highlighted")) mark.replaceWith(...mark.childNodes);
      const address = new URL(location.href);
      address.searchParams.delete("highlight");
      history.replaceState(null, "", address);
      marks.remove();
    });
  });
});
