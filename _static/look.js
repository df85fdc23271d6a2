"use strict";
// The address keeps a page's choices, as #key=value&key=value; that of a heading (#what-is-new-here) holds none.
const address = {
  pending: {},
  of: '',
  timer: 0,
  read() {
    const text = location.hash.slice(1);
    return new URLSearchParams(text.includes('=') ? text : '');
  },
  // Browsers refuse to rewrite an address many times a second, as a slider would: so once it rests.
  later(values) {
    this.due(values);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write({}), 300);
  },
  // What waits belongs to the address at which it was chosen, and goes when another one comes.
  due(values) {
    if (this.of !== location.hash) this.pending = {};
    this.of = location.hash;
    return Object.assign(this.pending, values);
  },
  write(values) {
    clearTimeout(this.timer);
    const all = this.read(), due = Object.entries(this.due(values));
    if (!due.length) return; // what waited has gone with its address, and the one that came may be that of a claim
    for (const [key, value] of due) {
      if (value === '') all.delete(key); else all.set(key, value);
    }
    this.pending = {};
    history.replaceState(null, '', '#' + all);
  },
};

async function copy(text, status) {
  try {
    await navigator.clipboard.writeText(text);
    status.textContent = 'Copied.';
  } catch {
    status.textContent = 'This browser does not let pages copy. Copy it from here: ' + text;
  }
}

// A colour of the theme, light or dark, for what cannot follow it by its class.
const themed = name =>
  getComputedStyle(document.documentElement).getPropertyValue(name === 'paper' ? '--pst-color-background' : '--fig-' + name).trim();
const onTheme = change => new MutationObserver(change).observe(document.documentElement, {attributeFilter: ['data-theme']});

// Before an address is copied, every set of dials on the page writes its choices into it.
function copyAddress(button, status) {
  button.addEventListener('click', () => {
    document.dispatchEvent(new Event('explorer-address'));
    copy(location.href, status);
  });
}

// Pictures that answer to dials. `look-<kind>.js` adds a kind: what its state starts with, and how it is built and shown.
const look = (() => {
  const kinds = {};
  const nodes = (node, children) => { node.append(...children.flat(Infinity).filter(child => child !== null)); return node; };
  const html = (tag, properties = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(properties)) {
      if (key in node) node[key] = value; else node.setAttribute(key, value);
    }
    return nodes(node, children);
  };
  const svg = (tag, attributes = {}, ...children) => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (key === 'style') node.style.cssText = value; else node.setAttribute(key, value);
    }
    return nodes(node, children);
  };

  // Scales, from values to places; a value beyond stands at the edge.
  const linear = ([low, high], [from, to]) => {
    const at = value => from + (Math.min(Math.max(value, low), high) - low) / (high - low) * (to - from);
    return Object.assign(at, {back: place => low + (place - from) / (to - from) * (high - low)});
  };
  const log = ([low, high], range) => {
    const inner = linear([Math.log(low), Math.log(high)], range);
    return Object.assign(value => inner(Math.log(Math.max(value, low))), {back: place => Math.exp(inner.back(place))});
  };

  // Numbers in words: three digits, powers of ten from a million on.
  const raised = power => [...String(power)].map(sign => sign === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[sign]).join('');
  function written(value, digits = 3) {
    if (Number.isNaN(value)) return '–';
    if (!isFinite(value)) return '∞';
    if (Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-4)) {
      const [mantissa, power] = value.toExponential(digits - 1).split('e');
      return mantissa + ' × 10' + raised(Number(power));
    }
    const places = value === 0 ? 0 : Math.max(digits - 1 - Math.floor(Math.log10(Math.abs(value))), 0);
    const [whole, rest] = value.toFixed(places).split('.');
    return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (rest ? '.' + rest : '');
  }

  // Drawing: text and strokes follow the theme by their class.
  const text = (x, y, words, look = '', anchor = 'start') =>
    svg('text', {x, y, 'text-anchor': anchor, class: look}, words);
  const line = (x1, y1, x2, y2, look = 'grid') => svg('line', {x1, y1, x2, y2, class: look});
  const path = (points, look) => svg('path', {class: look, d: points.map((point, index) =>
    point === null ? '' : (index && points[index - 1] !== null ? 'L' : 'M') + point.map(each => each.toFixed(1)).join(' ')).join('')});
  const arrow = (x, y, side, look) => svg('path', {class: look, d: `M${x} ${y - 5}l${6 * side} 5l${-6 * side} 5z`});
  function below(scale, ticks, y, [from, to], title, words = written) {
    return svg('g', {}, line(from, y, to, y, 'axis'), ticks.map(tick =>
      [line(scale(tick), y, scale(tick), y + 4, 'axis'), text(scale(tick), y + 18, words(tick), 'muted', 'middle')]),
    text(to, y + 37, title, 'muted', 'end'));
  }

  // Dials, each as high as a thumb.
  const field = (words, ...inner) => html('label', {className: 'look-field'}, html('span', {}, words), ...inner);
  function menu(words, options, change) {
    const node = html('select', {}, options.map(([value, said]) => html('option', {value}, said)));
    node.addEventListener('change', () => change(node.value));
    return {node, label: field(words, node)};
  }
  function slider(words, {min, max, step = 1}, change) {
    const node = html('input', {type: 'range', min, max, step}), said = html('output', {});
    node.addEventListener('input', () => change(node.value));
    const set = (value, shown) => {
      node.value = value;
      said.textContent = shown;
      node.setAttribute('aria-valuetext', shown);
    };
    return {node, set, label: html('label', {className: 'look-field'}, html('span', {}, words + ': ', said), node)};
  }

  function start(home) {
    const data = JSON.parse(home.querySelector('script[type="application/json"]').textContent);
    const kind = kinds[home.dataset.look], said = home.querySelector('.look-said');
    const picture = svg('svg', {'aria-hidden': true}), status = html('span', {role: 'status'});
    const dials = html('div', {className: 'look-dials'});
    const first = kind.start(data), state = {...first};
    const button = (words, press) => {
      const node = html('button', {type: 'button'}, words);
      node.addEventListener('click', () => press(status));
      return node;
    };
    const kept = () => Object.fromEntries(Object.keys(first).map(key => [key, state[key] === first[key] ? '' : state[key]]));
    const share = button('Copy address', () => { address.write(kept()); copy(location.href, status); });
    const again = button('Start again', () => set(first));
    const foot = html('p', {className: 'look-buttons'}, share, again, status);
    said.after(picture, dials, foot);
    let shown;
    function refresh() {
      const begun = performance.now(), width = Math.floor(home.clientWidth);
      picture.replaceChildren();
      shown({width, size(height) {
        picture.setAttribute('viewBox', `0 0 ${width} ${height}`);
        picture.setAttribute('height', height);
        return picture;
      }});
      home.dataset.ms = (performance.now() - begun).toFixed(1);
    }
    function set(changes) { Object.assign(state, changes); refresh(); address.later(kept()); }
    function restore() {
      const found = address.read();
      for (const key of Object.keys(first)) state[key] = found.get(key) ?? first[key];
      refresh();
    }
    const tell = (words, numbers = {}) => {
      if (said.textContent !== words) said.textContent = words;
      Object.assign(home.dataset, numbers);
    };
    shown = kind.build({data, state, set, dials, foot, button, tell, picture, home, said});
    document.addEventListener('explorer-address', () => address.write(kept()));
    addEventListener('hashchange', () => { if (location.hash.includes('=')) restore(); });
    restore();
    let wide = home.clientWidth;
    new ResizeObserver(() => { if (home.clientWidth !== wide) { wide = home.clientWidth; refresh(); } }).observe(home);
  }
  addEventListener('DOMContentLoaded', () => document.querySelectorAll('.look').forEach(start));
  return {kinds, html, svg, linear, log, written, text, line, path, arrow, below, field, menu, slider, raised};
})();
