// Before and after on one map: the earlier picture left of a line that can be moved.
import { getRenderPixel } from 'ol/render.js';

const STEP = 2;
const BIG_STEP = 10;

export function swipe(map, frame, layer, { start, moved }) {
  let at = start;
  const line = document.createElement('div');
  line.className = 'swipe';
  const handle = document.createElement('div');
  handle.className = 'swipe-handle';
  handle.tabIndex = 0;
  handle.setAttribute('role', 'slider');
  handle.setAttribute('aria-label', 'Before and after: share of the map that shows before');
  handle.setAttribute('aria-valuemin', '0');
  handle.setAttribute('aria-valuemax', '100');
  const [left, right] = ['before', 'after'].map((which) => {
    const caption = document.createElement('span');
    caption.className = `swipe-caption ${which}`;
    return caption;
  });
  line.append(left, right, handle);
  frame.append(line);

  function set(percent, tell) {
    at = Math.min(100, Math.max(0, Math.round(percent)));
    line.style.left = `${at}%`;
    handle.setAttribute('aria-valuenow', String(at));
    map.render();
    moved(at, tell);
  }

  const toPercent = (event) => {
    const box = frame.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * 100;
  };
  handle.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener('pointermove', (event) => {
    if (handle.hasPointerCapture(event.pointerId)) set(toPercent(event), false);
  });
  handle.addEventListener('pointerup', () => set(at, true));
  handle.addEventListener('keydown', (event) => {
    const step = event.shiftKey ? BIG_STEP : STEP;
    const to = {
      ArrowLeft: at - step, ArrowDown: at - step, ArrowRight: at + step, ArrowUp: at + step,
      PageDown: at - BIG_STEP, PageUp: at + BIG_STEP, Home: 0, End: 100,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    set(to, true);
  });

  layer.on('prerender', (event) => {
    const pen = event.context;
    const [width, height] = map.getSize();
    const edge = (width * at) / 100;
    const corners = [[0, 0], [edge, 0], [edge, height], [0, height]]
      .map((pixel) => getRenderPixel(event, pixel));
    pen.save();
    pen.beginPath();
    corners.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.closePath();
    pen.clip();
  });
  layer.on('postrender', (event) => event.context.restore());

  set(at, false);
  return {
    set,
    show(visible, captions) {
      line.hidden = !visible;
      [left.textContent, right.textContent] = captions.length === 2 ? captions : ['', ''];
    },
  };
}
