"use strict";
// One point a model on a benchmark; what is said of one stands in the table below it.
look.kinds.models = {
  start: data => ({benchmark: 'all', against: 'date', until: '2024', row: String(data.row[0])}),
  build({data, state, set, dials, foot, button, tell, picture, home}) {
    const {svg, text, line, linear, log} = look, kinds = Object.keys(data.names), looks = ['published', 'answer', 'orange'];
    const cells = [...home.querySelectorAll('tbody tr')].map(row => [...row.cells].map(cell => cell.textContent));
    const benchmark = look.menu('benchmark', [['all', 'all three'], ...Object.entries(data.names)], value => set({benchmark: value}));
    const against = look.menu('loss against', [['date', 'date'], ['compute', 'training compute']], value => set({against: value}));
    const until = look.slider('published until', {min: 2012, max: 2024, step: 0.25}, value => set({until: value}));
    const one = look.slider('model', {min: 0, max: 1}, place => set({row: String(data.row[shown[place]])}));
    dials.append(benchmark.label, against.label, until.label, one.label);
    let shown = [], at = [], timer = null;
    const play = button('Play the years', () => {
      if (timer) return stop();
      play.textContent = 'Stop';
      let year = Number(state.until) >= 2024 ? 2012.5 : Number(state.until);
      timer = setInterval(() => { set({until: String(year)}); year += 0.25; if (year > 2024) stop(); }, 150);
    });
    function stop() { clearInterval(timer); timer = null; play.textContent = 'Play the years'; }
    foot.prepend(play);
    function point(event) {
      const box = picture.getBoundingClientRect(), far = each => Math.hypot(at[each][0] - event.clientX + box.left, at[each][1] - event.clientY + box.top);
      const near = shown.reduce((best, each) => best === null || far(each) < far(best) ? each : best, null);
      if (near !== null && far(near) < 30 && String(data.row[near]) !== state.row) set({row: String(data.row[near])});
    }
    picture.addEventListener('pointermove', point);
    picture.addEventListener('click', point);
    const mark = (kind, x, y, r, look_) => svg('path', {class: look_, d: kind === 0 ? `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`
      : kind === 1 ? `M${x} ${y - 1.4 * r}l${1.4 * r} ${1.4 * r}l${-1.4 * r} ${1.4 * r}l${-1.4 * r} ${-1.4 * r}z`
        : `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`});
    return ({width, size}) => {
      if (!kinds.includes(state.benchmark)) state.benchmark = 'all';
      if (state.against !== 'compute') state.against = 'date';
      const last = Math.min(Math.max(Number(state.until) || 2024, 2012), 2024), date = state.against === 'date';
      shown = data.row.map((_, each) => each).filter(each => data.years[each] <= last && [data.benchmark[each], 'all'].includes(state.benchmark));
      const place = Math.max(shown.findIndex(each => String(data.row[each]) === state.row), 0), chosen = shown[place];
      benchmark.node.value = state.benchmark;
      against.node.value = state.against;
      until.set(last, last.toFixed(2).replace(/\.?0+$/, ''));
      one.node.max = Math.max(shown.length - 1, 0);
      one.set(place, shown.length ? `${place + 1} of ${shown.length}` : 'none');
      if (chosen === undefined) tell('No model was published until then.', {count: 0});
      else {
        const [system, on, when, compute, perplexity, paper, corrections] = cells[chosen];
        tell(`${system} on ${on}, ${when}: perplexity ${perplexity}, loss ${data.loss[chosen].toFixed(2)} nats, ${compute} FLOP. From “${paper}”. Corrections: ${corrections}.`,
          {count: shown.length, row: data.row[chosen], loss: data.loss[chosen], flop: data.flop[chosen]});
      }
      const left = 30, right = width - 12, top = 30, bottom = 300, y = linear([1.5, 5.3], [bottom, top]);
      const x = date ? linear([2012, 2024], [left, right]) : log([1e12, 1e26], [left, right]), draw = size(bottom + 44);
      for (const loss of [2, 3, 4, 5]) draw.append(line(left, y(loss), right, y(loss)), text(left - 8, y(loss) + 4, String(loss), 'muted', 'end'));
      let along = width < 500 ? 0 : left;
      kinds.forEach((kind, each) => {
        draw.append(mark(each, along + 6, 10, 4, looks[each] + '-fill'), text(along + 16, 14, data.names[kind], looks[each] + '-text'));
        along += 34 + 7.5 * data.names[kind].length;
      });
      at = data.years.map((year, each) => [x(date ? year : data.flop[each]), y(data.loss[each])]);
      shown.forEach(each => draw.append(mark(kinds.indexOf(data.benchmark[each]), ...at[each], 4, looks[kinds.indexOf(data.benchmark[each])] + '-fill soft')));
      if (chosen !== undefined) draw.append(svg('circle', {cx: at[chosen][0], cy: at[chosen][1], r: 10, class: 'ours', style: 'fill: none'}));
      draw.append(look.below(x, date ? (width < 500 ? [2012, 2015, 2018, 2021, 2024] : [2012, 2014, 2016, 2018, 2020, 2022, 2024]) : [1e12, 1e16, 1e20, 1e24], bottom, [left, right],
        date ? 'loss, nats, by date of publication' : 'loss, nats, by training compute, FLOP', date ? String : value => '10' + look.raised(Math.round(Math.log10(value)))));
    };
  },
};
