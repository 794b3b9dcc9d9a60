// The legend on the map: every colour and pattern with its words.

export function legend(frame) {
  const box = document.createElement('details');
  box.className = 'legend';
  // Opened by who needs it where it would cover half of the map.
  let wide = null;
  new ResizeObserver(() => {
    const now = frame.clientWidth > 600;
    if (now !== wide) box.open = now;
    wide = now;
  }).observe(frame);
  const title = document.createElement('summary');
  title.textContent = 'Legend';
  const note = document.createElement('p');
  const list = document.createElement('ul');
  box.append(title, note, list);
  frame.append(box);
  return {
    update({ levels, leastShare, matched, note: text, regions, shapes }) {
      const percent = Math.round(leastShare * 1000) / 10;
      note.textContent = text || `Change on ${percent} % of a unit or more`;
      note.hidden = !levels.length;
      box.hidden = !levels.length && !regions && !shapes;
      const entries = [...levels]
        .sort((a, b) => (b.order ?? -1) - (a.order ?? -1))
        .map((one) => entry(one.label, one.order === null ? 'hatched' : one.order ? 'filled' : 'outlined', one.colour));
      if (regions) entries.push(entry('region found in the image', 'region'));
      if (shapes) entries.push(entry('in the answer', 'shape'));
      if (matched) entries.push(entry('in the answer', 'matched'));
      entries.push(entry('selected', 'selected'));
      list.replaceChildren(...entries);
    },
  };
}

function entry(text, kind, colour) {
  const item = document.createElement('li');
  const swatch = document.createElement('span');
  swatch.className = `swatch ${kind}`;
  if (colour) swatch.style.setProperty('--colour', colour);
  item.append(swatch, text);
  return item;
}
