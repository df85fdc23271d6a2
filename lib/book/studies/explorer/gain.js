// A law is the constants [floor, level, exponent] of L = floor + exp(level - exponent x), x = ln of compute in FLOP, with
// a second level and exponent for a split of compute that is not the optimal one. A draw is such a line of constants.
function start() {
  const box = document.getElementById('{plot_id}'), home = box.closest('.explorer');
  const part = name => home.querySelector('.gain-' + name);
  const data = JSON.parse(home.querySelector('script[type="application/json"]').textContent);
  const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0)).buffer;
  const numbers = new Float32Array(bytes(data.draws)), places = new Uint16Array(bytes(data.places));
  const reference = part('reference'), fresh = part('new'), laws = part('laws'), year = part('year');
  const slider = part('slider'), typed = part('typed');
  const modes = [...home.querySelectorAll('input[type="radio"]')];
  const state = {...data.start};

  // Numbers in words, as the library writes them: three digits, powers of ten from a million on.
  function written(value) {
    if (Number.isNaN(value)) return '–';
    if (!isFinite(value)) return '∞';
    if (value >= 1e6 || (value > 0 && value < 1e-4)) {
      const [mantissa, power] = value.toExponential(2).split('e');
      const raised = [...String(Number(power))].map(sign => sign === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[sign]).join('');
      return mantissa + ' × 10' + raised;
    }
    const digits = Math.max(2 - Math.floor(Math.log10(value)), 0);
    const [whole, rest] = value.toFixed(digits).split('.');
    return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (rest ? '.' + rest : '');
  }
  const fill = (template, values) => data.words[template].replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // Laws
  const lossAt = (law, x) => law[0] + Math.exp(law[1] - law[2] * x) + (law.length > 3 ? Math.exp(law[3] - law[4] * x) : 0);
  function computeFor(law, loss) {
    if (!(loss > law[0])) return NaN;
    const target = Math.log(loss - law[0]);
    let x = (law[1] - target) / law[2];
    if (law.length === 3) return x;
    x = Math.max(x, (law[3] - target) / law[4]);
    for (let step = 0; step < 8; step++) {  // Newton's steps from the left do not overshoot: the sum is convex
      const one = Math.exp(law[1] - law[2] * x), two = Math.exp(law[3] - law[4] * x);
      x += (Math.log(one + two) - target) * (one + two) / (law[2] * one + law[4] * two);
    }
    return x;
  }
  function drawOf(law, index, line) {
    if (!law.draws) return law.constants;
    const {at, lines, columns, place} = law.draws, row = place === null ? index : places[place + index];
    for (let column = 0; column < columns; column++) line[column] = numbers[at + column * lines + row];
    return line;
  }
  // ln gain of the second law over the first at a compute of `last`, or at a loss: the loss is the same for both.
  function logGain(first, second, last, at) {
    const loss = at.loss ?? lossAt(last, at.x);
    const x = at.loss === undefined && second === last ? at.x : computeFor(second, loss);
    return computeFor(first, loss) - x;
  }
  function interval(first, second, last, at, tail) {
    const lawsOf = [...new Set([first, second, last])], count = lawsOf.find(law => law.draws)?.draws.count ?? 0;
    if (!count || !tail) return {low: NaN, high: NaN, loose: [false, false], leftOut: 0};
    const found = new Float64Array(count), lines = new Map(lawsOf.map(law => [law, new Array(law.constants.length)]));
    let known = 0;
    for (let index = 0; index < count; index++) {
      const draw = law => drawOf(law, index, lines.get(law));
      const value = logGain(draw(first), draw(second), draw(last), at);
      if (!Number.isNaN(value)) found[known++] = value;
    }
    const sorted = found.subarray(0, known).sort();
    const quantile = share => {
      const place = share * (known - 1), below = Math.floor(place), above = Math.min(below + 1, known - 1);
      return Math.exp(sorted[below] + (place - below) * (sorted[above] - sorted[below]));
    };
    // An end that the draws do not determine gives way to the last number that it may be, as in the library.
    const rank = known * tail, error = data.normal * Math.sqrt(rank * (1 - tail));
    const least = Math.max(Math.ceil(rank - error), 0), most = Math.ceil(rank + error);
    const ranked = place => place < 1 ? 0 : place > known ? Infinity : Math.exp(sorted[place - 1]);
    const ends = [quantile(tail), quantile(1 - tail)];
    const limits = [[ranked(least), ranked(most)], [ranked(known + 1 - most), ranked(known + 1 - least)]];
    const loose = limits.map(([from, to]) => to > from && Math.log(to / from) / 2 > data.loose * Math.log(ends[1] / ends[0]));
    return {low: loose[0] ? limits[0][1] : ends[0], high: loose[1] ? limits[1][0] : ends[1], loose,
      leftOut: 1 - known / count};
  }
  function span(low, high, loose) {
    const end = (value, side, word) => !loose[side] ? written(value) : isFinite(value) ? word + ' ' + written(value) : '?';
    return Number.isNaN(low) ? '–' : end(low, 0, 'below') + ' to ' + end(high, 1, 'above');
  }

  // What is chosen
  const pair = () => data.pairs.find(each => each.reference === state.reference && each.new === state.new);
  const choice = () => pair().choices.find(each => each.name === state.laws);
  function settings() {
    const chosen = choice(), old = data.laws[chosen.reference], next = data.laws[chosen.new];
    return {chosen, old, next, middle: data.laws[chosen.middle]};
  }
  const place = value => state.mode === 'loss' ? {loss: value} : {x: Math.log(value)};
  function gainAt(value) {
    const {chosen, old, next} = settings(), at = place(value);
    const gain = Math.exp(logGain(old.constants, next.constants, next.constants, at)) * chosen.factor;
    const {low, high, loose, leftOut} = interval(old, next, next, at, chosen.tails[0]);
    const flop = at.x === undefined ? Math.exp(computeFor(next.constants, at.loss)) : value;
    const loss = at.loss ?? lossAt(next.constants, at.x);
    const needed = gain * flop / chosen.factor;
    const beyond = [[old, needed], [next, flop]].map(([law, at]) =>
      !(at >= law.support[0] * (1 - data.near) && at <= law.support[1] * (1 + data.near)));
    return {gain, low: low * chosen.factor, high: high * chosen.factor, loose, leftOut, flop, loss, needed, beyond,
      inside: !beyond.includes(true)};
  }
  function chinchilla(x) {  // a table in even steps of ln compute
    const {first, step, logs} = data.chinchilla, place = (x - first) / step;
    const below = Math.min(Math.max(Math.floor(place), 0), logs.length - 2);
    return Math.exp(logs[below] + (place - below) * (logs[below + 1] - logs[below]));
  }
  function parts(found) {
    const {chosen, old, next, middle} = settings(), at = place(state[state.mode]);
    if (pair().kind === 'total') {
      const split = chinchilla(Math.log(found.flop)), rest = split * chosen.factor;
      const first = [found.gain / rest, found.low / rest, found.high / rest, found.loose];
      return [first, [split], [chosen.experts], [chosen.small]];
    }
    if (!middle) return [];
    return [[old, middle], [middle, next]].map(([first, second], step) => {
      const {low, high, loose} = interval(first, second, next, at, chosen.tails[step + 1]);
      return [Math.exp(logGain(first.constants, second.constants, next.constants, at)), low, high, loose];
    });
  }

  // What is shown
  function sentence(found) {
    const {chosen, old, next} = settings(), mode = state.mode, names = pair().names;
    const said = {reference: data.names[state.reference], new: data.names[state.new], gain: written(found.gain),
      at: mode === 'loss' ? state.loss.toFixed(3) : written(state.compute), version: data.version, choice: chosen.name};
    const rows = [[names[0], old, found.needed], [names[1], next, found.flop]];
    if (Number.isNaN(found.gain)) {
      const who = rows.find(([, law]) => !(found.loss > law.constants[0]))[0];
      return fill('never_' + mode, {...said, who}) + ' ' + fill('version', said);
    }
    const ends = {resampled: chosen.resampled, ends: span(found.low, found.high, found.loose)};
    let covers = chosen.resampled ? fill('interval', ends) : fill(pair().uncovered, {});
    if (chosen.resampled && found.leftOut >= data.least) {
      covers += fill('left_out', {share: (100 * found.leftOut).toFixed(0) + '%'});
    }
    const reasons = rows.filter((_, index) => found.beyond[index]).map(([name, law, flop]) => fill('reason',
      {name, flop: written(flop), low: written(law.support[0]), high: written(law.support[1])}));
    const mark = reasons.length ? fill('outside', {reasons: reasons.join('; ')}) : fill('inside', {});
    return fill(mode, said) + ' (' + covers + '; ' + fill('laws', said) + '). ' + mark + ' ' + fill('version', said);
  }
  function show() {
    const value = state[state.mode], found = gainAt(value), never = Number.isNaN(found.gain);
    part('value').textContent = never ? 'no gain' : written(found.gain) + ' times';
    part('ends').textContent = Number.isNaN(found.low) || never ? 'no interval'
      : '95% interval ' + span(found.low, found.high, found.loose);
    const mark = part('mark');
    mark.textContent = never ? 'beyond a floor' : found.inside ? 'within the data' : 'extrapolated';
    mark.classList.toggle('gain-outside', never || !found.inside);
    part('sentence').textContent = sentence(found);
    const rows = parts(found), names = pair().parts ?? [];
    part('parts').hidden = !rows.length || never;
    part('parts').querySelector('tbody').replaceChildren(...rows.map(([gain, low, high, loose], index) => {
      const row = document.createElement('tr'), head = document.createElement('th');
      head.scope = 'row';
      head.textContent = names[index][0];
      const cells = [written(gain), low > 0 ? span(low, high, loose) : '–', names[index][1]];
      row.append(head, ...cells.map(text => Object.assign(document.createElement('td'), {textContent: text})));
      return row;
    }));
    Object.assign(home.dataset, {gain: found.gain, low: found.low, high: found.high, inside: found.inside,
      parts: JSON.stringify(rows.map(row => row.slice(0, 3)))});  // unrounded, for scripts
    controls(value);
    point(value, found);
  }
  function controls(value) {
    const loss = state.mode === 'loss';
    const [low, high] = limits();
    Object.assign(slider, {min: loss ? low : Math.log10(low), max: loss ? high : Math.log10(high), step: loss ? 0.01 : 0.05});
    slider.value = loss ? value : Math.log10(value);
    slider.setAttribute('aria-valuetext', loss ? value + ' nats per token' : written(value) + ' FLOP');
    if (document.activeElement !== typed) typed.value = plain(value);
    typed.setAttribute('aria-invalid', 'false');
    part('unit').textContent = loss ? 'nats per token' : 'FLOP';
    year.value = loss ? '' : Object.keys(data.years).find(each => data.years[each] === value) ?? '';
    modes.forEach(mode => { mode.checked = mode.value === state.mode; });
    modes.find(mode => mode.value === 'loss').disabled = pair().kind === 'total';
  }
  const plain = value => value >= 1e6 ? String(value.toExponential()).replace('e+', 'e') : String(value);
  function limits() {
    if (state.mode === 'compute') return pair().range;
    const [low, high] = pair().range.map(flop => lossAt(settings().next.constants, Math.log(flop)));
    return [Math.ceil(high * 100) / 100, Math.floor(low * 100) / 100];
  }

  // The figure
  const edge = (value, [low, high]) => Math.min(Math.max(value, low), high);
  let range = [1, 10];
  function draw() {
    const [low, high] = limits(), loss = state.mode === 'loss', count = 60;
    const support = settings().chosen.shared.map(end => loss ? end.loss : end.flop).sort((one, two) => one - two);
    const grid = Array.from({length: count + 1}, (_, step) => loss ? low + (high - low) * step / count
      : low * (high / low) ** (step / count));
    const inner = support.filter(end => end > low && end < high);
    const rows = [...grid, ...inner].sort((one, two) => one - two).map(at => ({at, ...gainAt(at)}))
      .filter(row => !Number.isNaN(row.gain));
    const all = rows.flatMap(row => [row.gain, row.low, row.high]).filter(value => value > 0);
    range = [Math.max(10 ** Math.floor(Math.log10(Math.min(...all))), 0.01),
      Math.min(10 ** Math.ceil(Math.log10(Math.max(...all))), 1e8)];
    if (!all.length) range = [0.1, 10];
    const pieces = support.length
      ? {inside: [rows.filter(row => row.at >= support[0] && row.at <= support[1])],
        outside: [rows.filter(row => row.at <= support[0]), rows.filter(row => row.at >= support[1])]}
      : {inside: [], outside: [rows]};
    const band = runs => runs.filter(run => run.length && run[0].low > 0).flatMap(run => [...run.map(row => [row.at, row.high]),
      ...run.toReversed().map(row => [row.at, row.low]), [null, null]]);
    const line = runs => runs.flatMap(run => [...run.map(row => [row.at, row.gain]), [null, null]]);
    const traces = [band(pieces.inside), band(pieces.outside), line(pieces.inside), line(pieces.outside)];
    range[0] *= (range[0] / range[1]) ** 0.25;  // room for the bars below the line
    const spans = settings().chosen.spans.map(span => span.map(end => edge(loss ? end.loss : end.flop, [low, high])));
    const height = share => range[0] * (range[1] / range[0]) ** share;
    spans.forEach((span, index) => traces.push(span.map(at => [at, height(0.03 + 0.09 * index)])));
    const late = spans.map(([first]) => (loss ? (high - first) / (high - low) : Math.log(first / low) / Math.log(high / low)) > 0.4);
    const names = pair().names.map(name => 'data of ' + name);
    const x = traces.map(trace => trace.map(([at]) => at));
    const y = traces.map(trace => trace.map(([, value]) => value === null ? null : edge(value, range)));
    const shade = {type: 'rect', yref: 'paper', y0: 0, y1: 1, x0: support[0], x1: support[1], layer: 'below',
      line: {width: 0}, fillcolor: 'rgba(128,128,128,0.18)'};
    const even = {type: 'line', xref: 'paper', x0: 0, x1: 1, y0: 1, y1: 1, line: {width: 1, dash: 'dot', color: '#7a8594'}};
    Plotly.update(box, {x, y, text: x.map((_, index) => index < 4 ? null : late[index - 4] ? ['', names[index - 4]] : [names[index - 4], '']),
      textposition: x.map((_, index) => late[index - 4] ? 'top left' : 'top right'),
      'line.color': [undefined, undefined, themed('blue'), themed('blue'), themed('muted'), themed('green')],
      fillcolor: [themed('blue') + '55', 'rgba(0,0,0,0)'], 'fillpattern.fgcolor': [undefined, themed('blue') + '99']}, {
      shapes: support.length ? [shade, even] : [even],
      'xaxis.type': loss ? 'linear' : 'log',
      'xaxis.range': loss ? [high, low] : [Math.log10(low), Math.log10(high)],
      'xaxis.title.text': loss ? 'loss, nats per token' : 'training compute, FLOP',
      'yaxis.range': range.map(Math.log10),
    }, traces.map((_, index) => index));
  }
  function point(value, {gain, low, high, inside}) {
    const at = edge(value, limits()), dot = Number.isNaN(gain) ? [] : [at];
    Plotly.restyle(box, {x: [low > 0 ? [at, at] : [], dot],
      y: [low > 0 ? [edge(low, range), edge(high, range)] : [], dot.map(() => edge(gain, range))],
      'line.color': themed('vermillion'), 'marker.line.color': themed('vermillion'),
      'marker.color': inside ? themed('vermillion') : themed('paper')}, [6, 7]);
  }

  // Menus, and the address
  const option = (value, text) => Object.assign(document.createElement('option'), {value, textContent: text});
  function menus() {  // a choice that the others rule out gives way to the first that they allow
    const partners = data.pairs.filter(each => each.reference === state.reference);
    if (!partners.some(each => each.new === state.new)) state.new = partners[0].new;
    if (!choice()) state.laws = pair().choices[0].name;
    if (pair().kind === 'total') state.mode = 'compute';
    for (const mode of ['compute', 'loss']) {
      const [low, high] = (state.mode === mode ? limits : () => [0, Infinity])();
      state[mode] = edge(state[mode], [low, high]);
    }
    reference.value = state.reference;
    fresh.replaceChildren(...partners.map(each => option(each.new, data.names[each.new])));
    fresh.value = state.new;
    laws.replaceChildren(...pair().choices.map(each => option(each.name, each.name)));
    laws.value = state.laws;
  }
  const kept = () => ({reference: state.reference, new: state.new, laws: state.laws, compute: '', loss: '',
    [state.mode]: plain(state[state.mode])});
  function refresh() { menus(); draw(); show(); }
  function turn(change) { Object.assign(state, change); refresh(); address.later(kept()); }
  function slide(value) { state[state.mode] = value; show(); address.later(kept()); }
  function restore() {
    const found = address.read(), number = name => Number(found.get(name)) > 0 ? Number(found.get(name)) : undefined;
    const known = data.pairs.some(each => each.reference === found.get('reference'));
    Object.assign(state, data.start, known ? {reference: found.get('reference'), new: found.get('new'),
      laws: found.get('laws')} : {});
    if (number('loss')) Object.assign(state, {mode: 'loss', loss: number('loss')});
    if (number('compute')) Object.assign(state, {mode: 'compute', compute: number('compute')});
    refresh();
  }
  reference.addEventListener('change', () => turn({reference: reference.value}));
  fresh.addEventListener('change', () => turn({new: fresh.value}));
  laws.addEventListener('change', () => turn({laws: laws.value}));
  year.addEventListener('change', () => year.value && turn({mode: 'compute', compute: data.years[year.value]}));
  modes.forEach(mode => mode.addEventListener('change', () => {  // stay at the same place, in the other unit
    const {flop, loss} = gainAt(state[state.mode]);
    turn(mode.value === 'loss' ? {mode: 'loss', loss: Number(loss.toFixed(3))}
      : {mode: 'compute', compute: Number(flop.toPrecision(3))});
  }));
  slider.addEventListener('input', () => slide(state.mode === 'loss' ? Number(slider.value)
    : Number((10 ** slider.value).toPrecision(3))));
  typed.addEventListener('change', () => {
    const value = Number(typed.value.replaceAll(',', '')), [low, high] = limits(), good = value >= low && value <= high;
    part('rule').textContent = good ? '' : `Write a number from ${plain(low)} to ${plain(high)}, such as ` +
      `${state.mode === 'loss' ? plain(high) : '3e16'}.`;
    if (good) slide(value); else typed.setAttribute('aria-invalid', 'true');
  });
  document.addEventListener('explorer-address', () => address.write(kept()));
  addEventListener('hashchange', () => location.hash.includes('=') && restore());
  onTheme(refresh);
  const status = home.querySelector('.explorer-status');
  copyAddress(home.querySelector('.explorer-address'), status);
  home.querySelector('.explorer-sentence').addEventListener('click', () => copy(part('sentence').textContent, status));
  restore();
}
// what the script reads stands below it on the page
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start); else start();
