// Copies citations, and writes the citation of a single number from the cells of its row. Asks nothing of any network.
(() => {
  "use strict";

  const make = (name, options = {}, ...children) => {
    const node = Object.assign(document.createElement(name), options);
    node.append(...children);
    return node;
  };

  // A page from disk may lack the clipboard of secure pages; selecting and copying works everywhere.
  async function copy(node) {
    try {
      await navigator.clipboard.writeText(node.textContent);
      return true;
    } catch {
      const range = document.createRange();
      range.selectNodeContents(node);
      const selection = window.getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      return document.execCommand("copy");
    }
  }

  function copyButton(node, what) {
    const button = make("button", { type: "button", className: "cite-copy", textContent: `Copy ${what}` });
    button.addEventListener("click", async () => {
      const done = await copy(node);
      button.textContent = done ? "Copied" : "Selected: copy it by keyboard";
      setTimeout(() => { button.textContent = `Copy ${what}`; }, 2000);
    });
    button.setAttribute("aria-live", "polite");
    return button;
  }

  const block = document.querySelector("details.cite-page");
  if (!block) return;
  for (const node of block.querySelectorAll("[data-copy]")) {
    node.after(copyButton(node, node.tagName === "PRE" ? "BibTeX" : "APA"));
  }
  document.querySelector('a[href="#cite-this-page"]')?.addEventListener("click", () => { block.open = true; });
  if (location.hash === "#cite-this-page") block.open = true;

  // A number of the ledger
  const anchors = document.querySelectorAll("tr .row-anchor");
  if (!anchors.length) return;
  const work = block.dataset;
  const told = JSON.parse(document.getElementById("claim-facts").textContent).interval;
  const covers = new Map([...anchors].map((anchor, place) => [anchor.id, told.words[told.of[place]]]));
  const words = (node) => node.textContent.replace(/\s+/g, " ").trim();

  function read(anchor) {
    const row = anchor.closest("tr");
    const heads = [...row.closest("table").querySelectorAll("thead th")].map(words);
    const cells = Object.fromEntries([...row.cells].map((cell, place) => {
      const copied = cell.cloneNode(true);
      copied.querySelectorAll(".row-anchor, .cite-number").forEach((node) => node.remove());
      return [heads[place], words(copied)];
    }));
    const verdict = [...row.querySelectorAll(".verdict")].map(words).join(", ");
    return { id: anchor.id, ...cells, verdict, covers: covers.get(anchor.id) };
  }

  function texts(claim) {
    const place = `${work.place}#${claim.id}`;
    const where = /^https?:/.test(place) ? place : `${place}, at the site's root`;
    const covers = claim.covers.startsWith("none") ? `no interval, ${claim.covers}` : `in brackets: ${claim.covers}`;
    const value = `${claim.claim}: ${claim.ours}${claim.covers ? ` (${covers})` : ""}. Published: ${claim.published}. Verdict: ${claim.verdict || "none, ours alone"}.`;
    const plain = `${value} Claim ${claim.id} in ${work.authors}, ${work.title}, version ${work.version}, ${work.date}. ${where}`;
    const tex = (text) => text.replace(/[&%#_$]/g, "\\$&").replace(/−/g, "-");
    const bibtex = [
      `@misc{algoprogress:${claim.id},`,
      `  author = {{${tex(work.authors)}}},`,
      `  title = {{${tex(claim.claim)}}},`,
      `  howpublished = {In: ${tex(work.title)}, version ${work.version}},`,
      `  year = {${work.date.slice(0, 4)}},`,
      `  note = {${tex(value)} ${tex(where)}}`,
      "}",
    ].join("\n");
    return { plain, bibtex };
  }

  const plain = make("p", { className: "cite-text" });
  const bibtex = make("pre", { className: "cite-text" });
  const title = make("h2", { id: "cite-number-title", textContent: "Cite this number" });
  const close = make("button", { type: "button", className: "cite-copy", textContent: "Close" });
  const box = make("dialog", { className: "cite-dialog" }, title, plain, copyButton(plain, "text"), bibtex,
    copyButton(bibtex, "BibTeX"), close);
  box.setAttribute("aria-labelledby", title.id);
  close.addEventListener("click", () => box.close());
  box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
  block.after(box);

  const button = make("button", { type: "button", className: "cite-number", textContent: "cite" });
  for (const anchor of anchors) {
    const copied = button.cloneNode(true);
    copied.setAttribute("aria-label", `cite ${anchor.id}`);
    anchor.append(" ", copied);
  }
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest?.(".cite-number");
    if (!pressed) return;
    const told = texts(read(pressed.closest(".row-anchor")));
    plain.textContent = told.plain;
    bibtex.textContent = told.bibtex;
    box.showModal();
  });
})();
