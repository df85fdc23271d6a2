// The address keeps a page's choices, as #key=value&key=value; that of a heading (#what-is-new-here) holds none.
const address = {
  pending: {},
  timer: 0,
  read() {
    const text = location.hash.slice(1);
    return new URLSearchParams(text.includes('=') ? text : '');
  },
  // Browsers refuse to rewrite an address many times a second, as a slider would: so once it rests.
  later(values) {
    Object.assign(this.pending, values);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write({}), 300);
  },
  write(values) {
    clearTimeout(this.timer);
    const all = this.read();
    for (const [key, value] of Object.entries(Object.assign(this.pending, values))) {
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

// Before an address is copied, every set of dials on the page writes its choices into it.
function copyAddress(button, status) {
  button.addEventListener('click', () => {
    document.dispatchEvent(new Event('explorer-address'));
    copy(location.href, status);
  });
}
