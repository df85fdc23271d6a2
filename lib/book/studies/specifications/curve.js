function start() {
  const box = document.getElementById('{plot_id}'), home = box.closest('.explorer');
  const data = JSON.parse(home.querySelector('script[type="application/json"]').textContent);
  const selects = [...home.querySelectorAll('select')], slider = home.querySelector('input');
  const summary = home.querySelector('.explorer-summary'), detail = home.querySelector('.explorer-detail');
  const edge = value => Math.min(Math.max(value, data.edges[0]), data.edges[1]);
  const time = rate => rate > 0 ? data.unit / rate : Infinity;
  const words = value => isFinite(value) ? value.toFixed(1) : 'no progress';
  const months = data.rate.map(time);
  let matching = months.map((_, index) => index);

  function pick(index) {
    const low = time(data.high[index]), high = time(data.low[index]), share = data.share[index];
    const level = place => data.levels[place][data.codes[place][index]];
    const levels = selects.map((select, place) => select.dataset.words + ': ' + level(place));
    const facts = data.facts.map(column => column[index]);
    detail.textContent = words(months[index]) + ' months, 95% interval below ' + words(low) + ' to ' +
      (isFinite(high) ? 'above ' : '') + words(high) + '. ' +
      'Choices: ' + levels.join('; ') + '. Rows: ' + facts[0] + '; R²: ' + facts[1].toFixed(3) + '; growth per year: parameters ' +
      facts[2].toFixed(2) + ', data ' + facts[3].toFixed(2) + '; exponents: parameters ' + facts[4].toFixed(3) +
      ', data ' + facts[5].toFixed(3) + '.' + (data.converged[index] ? '' : ' The optimiser did not converge.');
    Plotly.restyle(box, {x: [[share, share], [share]], y: [[edge(low), edge(high)], [edge(months[index])]]}, [2, 3]);
  }

  function filter() {
    matching = months.map((_, index) => index).filter(index => selects.every(
      (select, place) => select.value === '' || data.codes[place][index] === Number(select.value)));
    Plotly.restyle(box, {x: [matching.map(index => data.share[index])], y: [matching.map(index => edge(months[index]))],
      customdata: [matching]}, [1]);
    slider.max = Math.max(matching.length - 1, 0);
    slider.value = Math.floor(matching.length / 2);
    const rank = share => words(months[matching[Math.round(share * (matching.length - 1))]]);
    summary.textContent = matching.length
      ? matching.length.toLocaleString('en') + ' specifications; median ' + rank(0.5) + ' months, the middle 95% ' + rank(0.025) + ' to ' +
        rank(0.975) + '.'
      : 'No specification has all of these levels.';
    if (matching.length) pick(matching[slider.value]); else detail.textContent = '';
  }

  function dress() {
    Plotly.restyle(box, {'marker.color': ['muted', 'blue', 'vermillion'].map(themed)}, [0, 1, 3]);
    Plotly.restyle(box, {'line.color': themed('vermillion')}, [2]);
  }

  function choices() {
    const found = Object.fromEntries(selects.map(select =>
      [select.dataset.choice, select.selectedOptions[0].dataset.level ?? '']));
    const middle = Number(slider.value) === Math.floor(matching.length / 2);
    return {...found, specification: middle ? '' : slider.value};
  }

  function restore() {
    const kept = address.read();
    for (const select of selects) {
      const options = [...select.options], level = kept.get(select.dataset.choice);
      select.selectedIndex = Math.max(options.findIndex(option => option.dataset.level === level), 0);
    }
    filter();
    if (kept.has('specification') && matching.length) {
      slider.value = Number(kept.get('specification'));
      pick(matching[slider.value]);
    }
  }

  const point = event => {
    const index = event.points[0].customdata ?? event.points[0].pointIndex, place = matching.indexOf(index);
    pick(index);
    if (place >= 0) slider.value = place;
  };
  selects.forEach(select => select.addEventListener('change', () => { filter(); address.later(choices()); }));
  slider.addEventListener('input', () => {
    if (matching.length) pick(matching[slider.value]);
    address.later(choices());
  });
  box.on('plotly_hover', point);
  box.on('plotly_click', event => { point(event); address.later(choices()); });
  document.addEventListener('explorer-address', () => address.write(choices()));
  const differs = kept => Object.entries(choices()).some(([name, value]) => (kept.get(name) ?? '') !== value);
  addEventListener('hashchange', () => location.hash.includes('=') && differs(address.read()) && restore());
  copyAddress(home.querySelector('.explorer-address'), home.querySelector('.explorer-status'));
  onTheme(dress);
  dress();
  restore();
}
// what the script reads stands below it on the page
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start); else start();
