// Whatever is still wider than the sheet once the print style holds is set smaller; named if that is not enough.
smallest => {
  const room = document.documentElement.clientWidth, wide = [];
  const found = '.bd-article table, .bd-article mjx-container[display="true"], .svg-container';
  for (const node of document.querySelectorAll(found)) {
    const left = node.getBoundingClientRect().left;
    const width = Math.max(node.scrollWidth, node.getBoundingClientRect().width,
      ...[...node.children].map(child => child.scrollWidth));
    if (left + width > room + 1) {
      const share = (room - left) / width;
      node.style.zoom = Math.max(share, smallest);
      if (share < smallest) wide.push(node.id || node.textContent.slice(0, 40));
    }
  }
  return wide;
}
