// Drawing the area that bounds a question, by pointer or keys, as WKT in longitude and latitude.
import DragBox from 'ol/interaction/DragBox.js';
import DragPan from 'ol/interaction/DragPan.js';
import Draw, { createBox } from 'ol/interaction/Draw.js';
import { primaryAction } from 'ol/events/condition.js';
import WKT from 'ol/format/WKT.js';
import VectorLayer from 'ol/layer/Vector.js';
import VectorSource from 'ol/source/Vector.js';
import Feature from 'ol/Feature.js';
import Polygon, { fromExtent } from 'ol/geom/Polygon.js';
import { boundingExtent } from 'ol/extent.js';
import Circle from 'ol/style/Circle.js';
import Fill from 'ol/style/Fill.js';
import Stroke from 'ol/style/Stroke.js';
import Style from 'ol/style/Style.js';

const BLUE = '#0B5394';
const style = [
  new Style({ stroke: new Stroke({ color: '#FFFFFF', width: 4 }) }),
  new Style({
    stroke: new Stroke({ color: BLUE, width: 2, lineDash: [8, 5] }),
    fill: new Fill({ color: `${BLUE}14` }),
    image: new Circle({
      radius: 5,
      fill: new Fill({ color: BLUE }),
      stroke: new Stroke({ color: '#FFFFFF', width: 2 }),
    }),
  }),
];
const format = new WKT();
const inDegrees = {
  dataProjection: 'EPSG:4326', featureProjection: 'EPSG:3857', decimals: 6,
};

export function areaDrawing(map, frame, model, begin) {
  const source = new VectorSource();
  map.addLayer(new VectorLayer({ source, style, zIndex: 5 }));
  const canvas = map.getTargetElement();
  const cross = document.createElement('div');
  cross.className = 'cross';
  cross.hidden = true;
  const hint = document.createElement('p');
  hint.className = 'hint';
  hint.setAttribute('role', 'status');
  hint.hidden = true;
  frame.append(cross, hint);
  let draw = null;
  let drag = null;
  const pan = map.getInteractions().getArray().find((one) => one instanceof DragPan);
  let corners = [];

  function stop() {
    if (draw) map.removeInteraction(draw);
    if (drag) map.removeInteraction(drag);
    draw = drag = null;
    pan.setActive(true);
    corners = [];
    cross.hidden = hint.hidden = true;
    delete canvas.dataset.drawing;
    delete canvas.dataset.corners;
  }

  function show() {
    source.clear();
    try {
      if (model.area) source.addFeature(format.readFeature(model.area, inDegrees));
    } catch {
      // The form tells what is wrong with a shape that was typed.
    }
    canvas.dataset.area = model.area;
  }

  function finish(polygon) {
    model.area = format.writeGeometry(polygon, inDegrees);
    // The click that ends the shape must not also select a unit.
    setTimeout(() => { stop(); model.drawing = ''; show(); }, 0);
  }

  function start() {
    stop();
    if (!model.drawing) return;
    const box = model.drawing === 'box';
    draw = new Draw(box
      ? { source: new VectorSource(), type: 'Circle', geometryFunction: createBox(), style }
      : { source: new VectorSource(), type: 'Polygon', style });
    draw.on('drawstart', () => { source.clear(); begin(); });
    draw.on('drawend', (event) => finish(event.feature.getGeometry()));
    map.addInteraction(draw);
    if (box) dragToo();
    canvas.dataset.drawing = model.drawing;
    hint.textContent = box
      ? 'Drag a box, or click two opposite corners. By keys: arrows move the map, space sets a corner, Esc stops.'
      : 'Click the corners, double click ends. By keys: arrows move the map, space sets a corner, '
        + 'Enter ends, Backspace takes one back, Esc stops.';
    hint.hidden = false;
    canvas.focus({ preventScroll: true });
  }

  // A box is also dragged from corner to corner; a press that does not move stays a click.
  function dragToo() {
    drag = new DragBox({ condition: primaryAction });
    drag.stopDown = () => false;
    drag.on('boxstart', () => { source.clear(); begin(); });
    drag.on('boxend', () => finish(drag.getGeometry()));
    map.addInteraction(drag);
    pan.setActive(false);
  }

  // A corner set by key is the middle of the map, which the cross marks.
  function setCorner() {
    corners.push(map.getView().getCenter());
    canvas.dataset.corners = String(corners.length);
    cross.hidden = false;
    if (model.drawing === 'box') {
      if (corners.length === 2) close(fromExtent(boundingExtent(corners)));
      else source.clear();
      return;
    }
    sketch();
  }

  function sketch() {
    source.clear();
    if (corners.length) source.addFeature(new Feature(new Polygon([[...corners, corners[0]]])));
  }

  function close(polygon) {
    if (polygon.getArea() > 0) finish(polygon);
    else hint.textContent = 'The corners lie on one line: move the map before the next one.';
  }

  function byKey(event) {
    if (!draw) return;
    if (event.key === 'Escape') {
      stop();
      model.drawing = '';
      show();
    } else if (event.composedPath()[0] !== canvas) {
      return;
    } else if (event.key === ' ') {
      setCorner();
    } else if (event.key === 'Enter' && model.drawing === 'polygon') {
      if (corners.length > 2) close(new Polygon([[...corners, corners[0]]]));
      else if (!corners.length) draw.finishDrawing();
    } else if (event.key === 'Backspace') {
      corners.pop();
      draw.removeLastPoint();
      sketch();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  document.addEventListener('keydown', byKey, true);
  model.on('remove', () => document.removeEventListener('keydown', byKey, true));
  model.on('drawing', start);
  model.on('area', show);
  show();
  start();
  return { active: () => draw !== null };
}
