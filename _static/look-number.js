"use strict";
// Nine questions, and the doubling time that their answers make.
look.kinds.number = {
  start: data => ({...data.start}),
  build({data, state, set, dials, foot, button, tell, home}) {
    const {svg, text, line, log} = look, keys = data.asked.map(each => each.key);
    const places = new Map(data.codes.map((code, place) => [code, place]));
    const time = rate => rate > 0 ? data.unit / rate : Infinity;
    const months = value => isFinite(value) ? value.toFixed(1) : 'no progress';
    const big = look.html('p', {className: 'look-big'}), note = look.html('p', {className: 'look-note', role: 'status'});
    let turned = null;
    const menus = data.asked.map(({key, words, levels, answers}) => {
      const made = look.menu(words, levels.map((level, place) => [level, answers[place]]), value => {
        turned = key;
        set({[key]: value});
      });
      dials.append(made.label);
      return made.node;
    });
    home.querySelector('.look-said').after(big);
    dials.before(note);
    const codeOf = () => data.asked.map(({key, levels}) => levels.indexOf(state[key]).toString(36).toUpperCase()).join('');

    // Answers that the last one rules out give way to those of the nearest specification that there is.
    function settle() {
      data.asked.forEach(({key, levels}) => { if (!levels.includes(state[key])) state[key] = data.start[key]; });
      note.textContent = '';
      const wanted = codeOf(), fixed = keys.indexOf(turned);
      turned = null;
      if (places.has(wanted)) return places.get(wanted);
      let best = 0, least = Infinity;
      data.codes.forEach((code, place) => {
        if (fixed >= 0 && code[fixed] !== wanted[fixed]) return;
        let changes = 0;
        for (let each = 0; each < wanted.length; each++) changes += code[each] !== wanted[each];
        if (changes < least) [best, least] = [place, changes];
      });
      const changed = [];
      data.asked.forEach(({key, words, levels, answers}, each) => {
        const level = parseInt(data.codes[best][each], 36);
        if (levels[level] !== state[key]) changed.push(`${words} ${answers[level]}.`);
        state[key] = levels[level];
      });
      note.textContent = 'This changes another answer with it. ' + changed.join(' ');
      return best;
    }
    const sentence = () => home.dataset.sentence + ` algoprogress ${data.version}, ${location.href}`;
    foot.prepend(button('Copy sentence', status => {
      document.dispatchEvent(new Event('explorer-address'));
      copy(sentence(), status);
    }));

    return ({width, size}) => {
      const place = settle();
      menus.forEach((node, each) => { node.value = state[keys[each]]; });
      const found = {months: time(data.rate[place]), low: time(data.high[place]), high: time(data.low[place])};
      const ends = [`below ${months(found.low)}`, `${isFinite(found.high) ? 'above ' : ''}${months(found.high)}`];
      const faster = data.rate.filter(rate => rate > data.rate[place]).length / data.rate.length;
      const differing = data.asked.filter(({key}) => state[key] !== data.start[key]);
      const choices = differing.length ? differing.map(({key, words, levels, answers}) =>
        `“${words} ${answers[levels.indexOf(state[key])]}”`).join(', ') + ', all else as published' : 'the published answers';
      const said = {choices, n: data.n[place], months: months(found.months), ends: ends.join(' to '), draws: data.draws[state.optimiser]};
      const words = data.say.replace(/\{(\w+)\}/g, (_, name) => said[name]);
      big.replaceChildren(look.html('strong', {}, isFinite(found.months) ? `${said.months} months` : 'no progress'),
        ` 95% interval ${said.ends}. Faster: ${(100 * faster).toFixed(0)}% of all ${data.rate.length.toLocaleString('en')} combinations.`);
      tell(words, {...found, n: data.n[place], sentence: words});

      const rows = [{words: 'Your choices', months: found.months, ends: [found.low, found.high], look: 'ours'},
        ...data.beside.map((each, place) => ({...each, look: ['published', 'answer'][place]}))];
      const left = 8, right = width - 12, at = log([1, 100], [left, right]), step = 40, bottom = 26 + rows.length * step + 22;
      const draw = size(bottom + 44);
      draw.append(line(at(24), 16, at(24), bottom, 'limit'), text(at(24), 12, 'Moore’s law', 'muted', width < 500 ? 'middle' : 'start'));
      rows.forEach(({words, months: middle, ends: [low, high], look: kind}, row) => {
        const y = 26 + row * step + 24, from = at(low), to = at(high);
        draw.append(text(left, y - 10, words, kind + '-text'), line(from, y, to, y, kind));
        if (high > 100) draw.append(look.arrow(to, y, 1, kind + '-fill'));
        draw.append(isFinite(middle) && middle <= 100 ? svg('circle', {cx: at(middle), cy: y, r: kind === 'ours' ? 7 : 5, class: kind + '-fill'})
          : look.arrow(at(100) - 8, y, 1, kind + '-fill'));
      });
      const ticks = data.rate.map(rate => `M${at(time(rate)).toFixed(1)} ${bottom - 14}v12`).join('');
      draw.append(svg('path', {d: ticks, class: 'rug'}), text(left, bottom - 18, 'all combinations', 'muted'),
        look.below(at, width < 500 ? [1, 3, 6, 12, 24, 48, 100] : [1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 60, 100], bottom, [left, right], 'months to halve the compute', String));
    };
  },
};
