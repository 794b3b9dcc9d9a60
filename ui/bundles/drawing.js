// Drawing a box that bounds a question, in longitude and latitude.
import Draw, { createBox } from 'ol/interaction/Draw.js';
import VectorLayer from 'ol/layer/Vector.js';
import VectorSource from 'ol/source/Vector.js';
import Feature from 'ol/Feature.js';
import { fromExtent } from 'ol/geom/Polygon.js';
import { transformExtent } from 'ol/proj.js';
import Fill from 'ol/style/Fill.js';
import Stroke from 'ol/style/Stroke.js';
import Style from 'ol/style/Style.js';

const style = [
  new Style({ stroke: new Stroke({ color: '#FFFFFF', width: 4 }) }),
  new Style({
    stroke: new Stroke({ color: '#0B5394', width: 2, lineDash: [8, 5] }),
    fill: new Fill({ color: '#0B539414' }),
  }),
];

export function boxDrawing(map, model, begin) {
  const source = new VectorSource();
  map.addLayer(new VectorLayer({ source, style }));
  let draw = null;

  function stop() {
    if (draw) map.removeInteraction(draw);
    draw = null;
    delete map.getTargetElement().dataset.drawing;
  }

  function show() {
    source.clear();
    if (model.box.length) {
      const extent = transformExtent(model.box, 'EPSG:4326', 'EPSG:3857');
      source.addFeature(new Feature(fromExtent(extent)));
    }
  }

  function toggle() {
    stop();
    if (!model.drawing) return;
    draw = new Draw({ source, type: 'Circle', geometryFunction: createBox() });
    draw.on('drawstart', () => { source.clear(); begin(); });
    draw.on('drawend', (event) => {
      const extent = event.feature.getGeometry().getExtent();
      const box = transformExtent(extent, 'EPSG:3857', 'EPSG:4326');
      model.box = box.map((one) => Math.round(one * 1e6) / 1e6);
      // The click that ends the box must not also select a unit.
      setTimeout(() => { model.drawing = false; stop(); }, 0);
    });
    map.addInteraction(draw);
    map.getTargetElement().dataset.drawing = '1';
  }

  document.addEventListener('keydown', abort);
  function abort(event) {
    if (event.key === 'Escape' && draw) { model.drawing = false; stop(); show(); }
  }
  model.on('remove', () => document.removeEventListener('keydown', abort));
  model.on('drawing', toggle);
  model.on('box', show);
  show();
  toggle();
  return { active: () => draw !== null };
}
