"use strict";
// A tile a claim, in groups by verdict. Who says it, its chapter and its kind are the ledger's; what is said of one is its row.
// Rows are found as the page comes, before the ledger puts them in another order.
look.kinds.wall = {
  anchors: [...document.querySelectorAll('tr .row-anchor')],
  start: () => ({by: 'conclusion', study: 'all', chapter: 'all', kind: 'all', claim: ''}),
  build({data, state, set, dials, foot, tell, picture}) {
    const {svg, text} = look, facts = JSON.parse(document.getElementById('claim-facts').textContent);
    const {anchors} = look.kinds.wall, ids = anchors.map(each => each.id), asked = {study: 'who says it', chapter: 'chapter', kind: 'kind'}, looks = {stands: '✓ answer', recomputes: '= answer', open: '? orange',
      'no public data': '○ other', contradicted: '✗ ours', 'does not recompute': '≠ ours'};
    const by = look.menu('tiles by', Object.keys(data).map(each => [each, each]), value => set({by: value}));
    const menus = Object.entries(asked).map(([key, words]) => [key, look.menu(words,
      ['all', ...facts[key].words].map(each => [each, each]), value => set({[key]: value}))]);
    const one = look.slider('claim', {min: 0, max: 1}, place => set({claim: Number(place) ? ids[shown[place - 1]] : ''}));
    dials.append(by.label, ...menus.map(([, menu]) => menu.label), one.label);
    const open = look.html('a', {className: 'look-link'}, 'Open it in the ledger');
    foot.prepend(open);
    let shown = [], at = [];
    picture.addEventListener('click', event => {
      const box = picture.getBoundingClientRect(), far = each => Math.hypot(at[each][0] - event.clientX + box.left, at[each][1] - event.clientY + box.top);
      const near = at.reduce((best, _, each) => best < 0 || far(each) < far(best) ? each : best, -1);
      if (near >= 0 && far(near) < 20) set({claim: ids[shown[near]]});
    });
    const before = anchor => [...anchor.parentNode.childNodes].slice(0, [...anchor.parentNode.childNodes].indexOf(anchor)).map(each => each.textContent).join('').trim();
    return ({width, size}) => {
      if (!(state.by in data)) state.by = 'conclusion';
      by.node.value = state.by;
      for (const [key, menu] of menus) {
        if (!facts[key].words.includes(state[key])) state[key] = 'all';
        menu.node.value = state[key];
      }
      const {words, of} = data[state.by], wanted = menus.map(([key]) => [facts[key].of, facts[key].words.indexOf(state[key])]);
      const groups = [...words, ''].map(() => []);
      anchors.forEach((_, place) => { if (wanted.every(([each, index]) => index < 0 || each[place] === index)) groups[Number(of[place])].push(place); });
      shown = groups.flat();
      const pitch = width < 500 ? 9 : 11, columns = Math.floor(width / pitch), marks = [];
      let y = 0;
      at = [];
      groups.forEach((places, group) => {
        const named = words[group] ?? `no ${state.by} to judge`, [sign, kind] = (looks[named] ?? ' other').split(' ');
        marks.push(text(0, y + 16, `${sign} ${named}: ${places.length}`.trim()));
        const corners = places.map((_, each) => [each % columns * pitch, y + 24 + Math.floor(each / columns) * pitch]), side = pitch - 2;
        marks.push(svg('path', {class: `${kind}-fill${words[group] ? '' : ' faint'}`, d: corners.map(([left, top]) => `M${left} ${top}h${side}v${side}h-${side}z`).join('')}));
        corners.forEach(([left, top]) => at.push([left + side / 2, top + side / 2]));
        y += 34 + Math.ceil(places.length / columns) * pitch;
      });
      const draw = size(y), chosen = shown.indexOf(ids.indexOf(state.claim));
      draw.append(...marks);
      one.node.max = shown.length;
      one.set(chosen + 1, chosen < 0 ? `none of ${shown.length}` : `${chosen + 1} of ${shown.length}`);
      open.hidden = chosen < 0;
      const counts = words.map((word, group) => `${word} ${groups[group].length.toLocaleString('en')}`).join(', ');
      if (chosen < 0) return tell(`${shown.length.toLocaleString('en')} claims. By ${state.by}: ${counts}; the others have none to judge. Press a tile for its claim.`, {count: shown.length, claim: ''});
      const anchor = anchors[shown[chosen]], [, published, ours] = [...anchor.closest('tr').cells].map(cell => cell.textContent.trim());
      const verdicts = Object.values(data).map(each => each.words[each.of[shown[chosen]]]).filter(Boolean);
      draw.append(svg('rect', {x: at[chosen][0] - pitch / 2 - 2, y: at[chosen][1] - pitch / 2 - 2, width: pitch + 4, height: pitch + 4, class: 'chosen'}));
      open.href = '#' + anchor.id;
      tell([`${before(anchor)}. Published: ${published}`, `ours: ${ours}`, ...verdicts].join('; ') + '.', {count: shown.length, claim: anchor.id});
    };
  },
};
