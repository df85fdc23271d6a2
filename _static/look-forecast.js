"use strict";
// Factors grow with the years at drawn rates, so an interval of the yearly rate, times the years, is that of the factor.
look.kinds.forecast = {
  start: data => ({...data.start}),
  build({data, state, set, dials, tell}) {
    const {text, line, log, linear} = look, written = value => look.written(Number(value.toPrecision(2)), 2), [least, most] = data.years;
    const options = (words, own) => [...Object.entries(words), ['own', own]];
    const algorithms = look.menu('algorithms', options(data.algorithms, 'a doubling time of your own'), value => set({algorithms: value}));
    const compute = look.menu('pace of compute', options(data.compute, 'a pace of your own'), value => set({compute: value}));
    const months = look.slider('doubling time, months', {min: 1, max: 60}, value => set({months: value}));
    const pace = look.slider('physical compute, times a year', {min: 1, max: 10, step: 0.1}, value => set({pace: value}));
    const first = look.slider('from', {min: least, max: most - 1}, value => set({start: value, end: String(Math.max(Number(state.end), Number(value) + 1))}));
    const last = look.slider('to', {min: least + 1, max: most}, value => set({end: value, start: String(Math.min(Number(state.start), Number(value) - 1))}));
    dials.append(algorithms.label, compute.label, months.label, pace.label, first.label, last.label);
    const number = (text, low, high, otherwise) => Number.isFinite(Number(text)) ? Math.min(Math.max(Number(text), low), high) : otherwise;
    const sum = (one, two) => one.map((each, place) => place < 3 ? each + two[place] : each || two[place]);

    // A rate of one's own is one number, which moves the other's interval; gains that grow with compute follow its pace.
    function rates() {
      const named = (one, two) => data.rates[`${one} ${two}`];
      const exact = rate => [rate, rate, rate, false, false], anyOne = Object.keys(data.algorithms)[0], anyTwo = Object.keys(data.compute)[0];
      const own = {algorithms: exact(data.unit / number(state.months, 1, 60, 12)), physical: exact(Math.log(number(state.pace, 1, 10, 4)))};
      if (state.algorithms !== 'own' && state.compute !== 'own') return named(state.algorithms, state.compute);
      const slopes = state.compute === 'own' ? data.slopes[state.algorithms] : undefined;
      const one = state.algorithms === 'own' ? own.algorithms : slopes ? slopes.map((each, place) => place < 3 ? each * own.physical[0] : each)
        : named(state.algorithms, anyTwo).algorithms;
      const two = state.compute === 'own' ? own.physical : named(anyOne, state.compute).physical;
      return {algorithms: one, physical: two, effective: sum(one, two)};
    }
    return ({width, size}) => {
      for (const [key, words] of [['algorithms', data.algorithms], ['compute', data.compute]])
        if (state[key] !== 'own' && !(state[key] in words)) state[key] = data.start[key];
      if (state.compute === 'own' && state.algorithms === 'pooled') state.algorithms = data.start.algorithms;  // a part of it follows compute
      let from = Math.round(number(state.start, least, most - 1, 2026)), to = Math.round(number(state.end, least + 1, most, 2030));
      if (to <= from) to = from + 1;
      algorithms.node.value = state.algorithms;
      compute.node.value = state.compute;
      months.label.hidden = state.algorithms !== 'own';
      pace.label.hidden = state.compute !== 'own';
      months.set(number(state.months, 1, 60, 12), number(state.months, 1, 60, 12) + ' months');
      pace.set(number(state.pace, 1, 10, 4), '× ' + number(state.pace, 1, 10, 4));
      first.set(from, String(from));
      last.set(to, String(to));
      const found = rates(), years = to - from, grown = rate => Math.exp(rate * years);
      const [middle, low, high, open, wide] = found.effective;
      const span = `95% interval ${open ? 'below ' : ''}${written(grown(low))} to ${wide ? 'above ' : ''}${written(grown(high))}`;
      tell(`From ${from} to ${to} effective compute would grow ${written(grown(middle))} times (${span}). Physical compute would grow ` +
        `${written(grown(found.physical[0]))} times, algorithms ${written(grown(found.algorithms[0]))}. Extrapolated, all of it.`,
        {value: grown(middle), low: grown(low), high: grown(high), physical: grown(found.physical[0]), gain: grown(found.algorithms[0])});
      const left = 8, right = width - 104, top = 24, bottom = 240;
      const edges = [Math.min(1, grown(low)), Math.max(10, grown(high))], x = linear([from, to], [left, right]), y = log(edges, [bottom, top]);
      const draw = size(bottom + 44), steps = Array.from({length: 21}, (_, each) => years * each / 20);
      const curve = rate => steps.map(each => [x(from + each), y(Math.exp(rate * each))]);
      const powers = Math.max(1, Math.ceil(Math.log10(edges[1] / edges[0]) / 5));
      for (let power = Math.ceil(Math.log10(edges[0])); power <= Math.log10(edges[1]); power += powers)
        draw.append(line(left, y(10 ** power), right, y(10 ** power)), text(left, y(10 ** power) - 3, power < 4 ? String(10 ** power) : '10' + look.raised(power), 'muted'));
      draw.append(look.path([...curve(high), ...curve(low).reverse()], 'band'), look.path(curve(middle), 'ours dashed'), look.path(curve(found.physical[0]), 'published dashed'));
      const ends = [['effective', middle, 'ours-text'], ['physical alone', found.physical[0], 'published-text']];
      const at = ends.map(each => y(grown(each[1])) + 4);
      if (Math.abs(at[0] - at[1]) < 34) at[1] = at[0] + (at[1] < at[0] ? -34 : 34);
      ends.forEach(([words, rate, kind], place) => draw.append(text(right + 6, at[place] - 7, words, kind), text(right + 6, at[place] + 9, '× ' + written(grown(rate)), kind)));
      const every = Math.ceil(years / (width < 500 ? 4 : 8));
      draw.append(look.below(x, Array.from({length: Math.floor(years / every) + 1}, (_, each) => from + each * every), bottom, [left, right], `year; times that of ${from}`, String));
    };
  },
};
