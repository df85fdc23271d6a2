"use strict";
// From what can be run on a desk to what few can pay: where both algorithms of a pair have runs, where one has, where none.
look.kinds.strip = {
  start: data => ({...data.start}),
  build({data, state, set, dials, foot, tell, picture}) {
    const {text, line, log, svg} = look, [least, most] = data.edges;
    const short = each => each.words.replace('the transformer of today against', 'today’s transformer /').replace('the transformer of 2017', 'that of 2017')
      .replace(' against ', ' / ') + (data.pairs.some(other => other !== each && other.words === each.words) ? ', ' + each.laws.split(',')[0] : '');
    const pairs = look.menu('pair', data.pairs.map((each, place) => [String(place), short(each)]), pair => set({pair}));
    const dial = look.slider('training compute, FLOP', {min: Math.log10(least), max: Math.log10(most), step: 0.05}, power =>
      set({at: (10 ** power).toExponential(2)}));
    const link = look.html('a', {className: 'look-link'}, 'Open the explorer here');
    dials.append(pairs.label, dial.label);
    foot.prepend(link);
    let scale = null, rows = [];
    picture.addEventListener('click', event => {
      const box = picture.getBoundingClientRect(), y = event.clientY - box.top;
      const pair = rows.reduce((best, each, place) => Math.abs(each - y) < Math.abs(rows[best] - y) ? place : best, 0);
      set({pair: String(pair), at: scale.back(event.clientX - box.left).toExponential(2)});
      location.hash = link.hash;
    });
    return ({width, size}) => {
      const place = data.pairs[state.pair] ? Number(state.pair) : 0, pair = data.pairs[place];
      const at = Math.min(Math.max(Number(state.at) || 1e21, least), most);
      pairs.node.value = String(place);
      dial.set(Math.log10(at), look.written(at));
      const within = ([low, high]) => at >= low * (1 - data.near) && at <= high * (1 + data.near);
      const inside = within(pair.both), one = within(pair.own), end = pair.both[1];
      const away = end && at > end ? `${Math.log10(at / end).toFixed(1)} powers of ten above the last place where both were` : 'outside of where both were';
      tell(`At ${look.written(at)} FLOP ${pair.words} (${pair.laws}) is ` + (inside ? 'measured: both have runs there.'
        : !pair.both.length ? 'extrapolated: the two share no loss within their runs.' : `extrapolated, ${away} measured.`), {inside, one, flop: at});
      link.href = '#' + new URLSearchParams({reference: pair.reference, new: pair.new, laws: pair.laws, compute: String(at)});
      const left = 8, right = width - 12, x = log(data.edges, [left, right]), step = 42, top = 62, bottom = top + data.pairs.length * step;
      scale = x;
      rows = data.pairs.map((_, row) => top + row * step + 24);
      const draw = size(bottom + 46);
      data.systems.forEach(({name, flop}, index) => draw.append(line(x(flop), 30 + 14 * (index % 2), x(flop), bottom, 'limit'),
        text(x(flop), 26 + 14 * (index % 2), name, 'muted', x(flop) > width - 60 ? 'end' : 'middle')));
      draw.append(line(x(at), top - 4, x(at), bottom, 'ours'));
      data.pairs.forEach((each, row) => {
        const y = rows[row], own = each.own.map(x), both = each.both.map(x), look_ = row === place ? 'ours' : 'published';
        draw.append(svg('rect', {x: 0, y: y - 24, width, height: step, fill: 'transparent', style: 'cursor: pointer'}),
          text(left, y - 8, width < 600 ? short(each) : `${each.words}, ${each.laws}`, row === place ? 'row-name ours-text' : 'row-name'),
          line(left, y + 4, right, y + 4, look_ + ' dotted faint'), line(own[0], y + 4, own[1], y + 4, look_ + ' faint'));
        if (both.length) draw.append(svg('rect', {x: both[0], y: y, width: Math.max(both[1] - both[0], 2), height: 8, rx: 3, class: look_ + '-fill'}));
      });
      draw.append(look.below(x, width < 500 ? [1e14, 1e18, 1e22, 1e26] : [1e14, 1e16, 1e18, 1e20, 1e22, 1e24, 1e26],
        bottom, [left, right], 'training compute, FLOP', value => '10' + look.raised(Math.round(Math.log10(value)))));
    };
  },
};
