"use strict";
// The objective along the doubling time. Every fit is a line in the penalty, mse + penalty x size; the lowest counts.
// A model can be left out at two penalties: the data hold how far this moves the curve, in millionths.
look.kinds.valleys = {
  start: data => ({penalty: String(data.published), out: ''}),
  build({data, state, set, dials, tell}) {
    const {svg, text, line, log, linear} = look, penalties = data.minima.map(each => each.penalty);
    let steps = penalties;
    const dial = look.slider('penalty on each coefficient', {min: 0, max: 1}, place => set({penalty: String(steps[place])}));
    const omit = look.slider('left out', {min: 0, max: data.systems.length}, place => set({out: Number(place) ? data.systems[place - 1] : ''}));
    dials.append(dial.label, omit.label);
    const near = value => steps.reduce((best, each, place) => Math.abs(each - value) < Math.abs(steps[best] - value) ? place : best, 0);
    const curve = penalty => data.fits.map(fits => Math.min(...fits.map(([mse, size]) => mse + penalty * size)));
    return ({width, size}) => {
      const out = data.systems.indexOf(state.out);
      steps = out < 0 ? penalties : data.kept;
      const place = near(isFinite(state.penalty) ? Number(state.penalty) : data.published), penalty = steps[place], whole = curve(penalty);
      const {at, moves} = out < 0 ? data.minima[place] : {at: data.without[place].at[out], moves: data.without[place].moves[out]};
      const heights = moves ? whole.map((each, index) => each + moves[index] / 1e6) : whole;
      const [best, ...others] = at, other = others.find(each => Math.abs(Math.log(each[0] / best[0])) > 0.15);
      const named = penalty === 0 ? 'none' : penalty === data.published ? penalty + ', as published' : String(penalty);
      dial.node.max = steps.length - 1;
      dial.set(place, named);
      omit.set(out + 1, out < 0 ? 'none' : state.out);
      const words = `Penalty: ${named}. ` + (out < 0 ? 'The' : `Without ${state.out} the`) + ` minimum is at ${best[0].toFixed(1)} months.` + (other
        ? ` The other valley, at ${other[0].toFixed(1)} months, lies ${look.written(1e4 * (other[1] - best[1]), 2)} ten-thousandths of a nat² higher.` : ' There is no other valley.');
      tell(words, {months: best[0], other: other?.[0] ?? '', objective: best[1], out: Math.max(out + 1, 0)});
      const points = [...data.months.map((months, index) => [months, heights[index]]), ...at].sort((one, two) => one[0] - two[0]);
      const left = 8, right = width - 12, bottom = 250, top = 34;
      const x = log([2, 80], [left, right]), y = linear([0, 20], [bottom - 34, top]), height = each => y(1e4 * (each - best[1]));
      const draw = size(bottom + 44);
      draw.append(text(left, 14, 'objective above its minimum, nats² × 10⁻⁴', 'muted'));
      for (const step of [5, 10, 15, 20]) draw.append(line(left, y(step), right, y(step)), text(left, y(step) - 3, String(step), 'muted'));
      draw.append(line(left, y(0), right, y(0)));
      const shown = points.filter(([, each]) => 1e4 * (each - best[1]) < 21);
      draw.append(look.path(shown.map(([months, each]) => [x(months), height(each)]), 'published'));
      if (other) draw.append(svg('circle', {cx: x(other[0]), cy: height(other[1]), r: 5, class: 'other-fill'}),
        text(x(other[0]), height(other[1]) + (Math.abs(x(other[0]) - x(best[0])) < 64 ? -10 : 18), other[0].toFixed(1), 'muted', 'middle'));
      draw.append(svg('circle', {cx: x(best[0]), cy: y(0), r: 8, class: 'ours-fill'}),
        text(x(best[0]), y(0) + 24, best[0].toFixed(1) + ' months', 'ours-text', 'middle'));
      draw.append(look.below(x, width < 500 ? [2, 4, 8, 16, 32, 64] : [2, 3, 4, 6, 8, 12, 18, 24, 36, 60, 80], bottom, [left, right], 'doubling time, months', String));
    };
  },
};
