// GeoMap in the browser: one or two quicklooks; units, regions and shapes on them, one selected.
import Map from 'ol/Map.js';
import View from 'ol/View.js';
import GeoJSON from 'ol/format/GeoJSON.js';
import ImageLayer from 'ol/layer/Image.js';
import VectorLayer from 'ol/layer/Vector.js';
import ImageStatic from 'ol/source/ImageStatic.js';
import VectorSource from 'ol/source/Vector.js';
import ScaleLine from 'ol/control/ScaleLine.js';
import { defaults as defaultControls } from 'ol/control/defaults.js';
import { createEmpty, extend, containsExtent, intersects, isEmpty } from 'ol/extent.js';
import { transformExtent } from 'ol/proj.js';
import olCss from 'ol/ol.css';
import ownCss from './geo_map.css';
import { areaDrawing } from './drawing.js';
import { legend } from './legend.js';
import { regionStyle, selectedStyle, shapeStyle, unitStyle } from './styles.js';
import { swipe } from './swipe.js';
import { tooltip } from './tooltip.js';

const format = new GeoJSON({ featureProjection: 'EPSG:3857' });

export function drawMap({ model, el }) {
  const style = document.createElement('style');
  style.textContent = olCss + ownCss;
  const frame = document.createElement('div');
  frame.className = 'frame';
  const canvas = document.createElement('div');
  canvas.className = 'map';
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'application');
  canvas.setAttribute('aria-label', 'Map: arrow keys move it, plus and minus zoom');
  frame.append(canvas);
  el.append(style, frame);

  const units = new VectorSource();
  const regions = new VectorSource();
  const shapes = new VectorSource();
  const picture = new ImageLayer({ opacity: 1 });
  // A canvas of its own, so that clipping it leaves the other picture whole.
  const earlier = new ImageLayer({ className: 'ol-layer earlier' });
  const look = () => ({
    levels: model.units_url ? model.levels : [],
    leastShare: model.least_share,
    matched: model.matching ? new Set(model.matched) : null,
    note: model.note,
    regions: Boolean(model.regions_url),
    shapes: Boolean(model.shapes_url || model.shapes.features),
  });
  let shown = look();
  const unitLayer = new VectorLayer({
    className: 'ol-layer units',
    source: units,
    style: (feature) => unitStyle(feature.getProperties(), feature.getId(), shown),
  });
  const shapeLayer = new VectorLayer({ source: shapes, style: shapeStyle });
  const layers = [
    picture,
    earlier,
    unitLayer,
    new VectorLayer({ source: regions, style: regionStyle }),
    shapeLayer,
  ];
  const pickable = (layer) => layer === unitLayer || layer === shapeLayer;
  const marked = new VectorSource();
  layers.push(new VectorLayer({ source: marked, style: selectedStyle }));
  const map = new Map({
    target: canvas,
    // The default, the host, is not found in nested shadow roots.
    keyboardEventTarget: canvas,
    layers,
    view: new View({ center: [0, 0], zoom: 2, maxZoom: 20, enableRotation: false }),
    controls: defaultControls({ rotate: false, attribution: false })
      .extend([new ScaleLine()]),
  });

  // What a test or a stylesheet may wait for: set when it can be seen.
  const mark = (name, value) => { canvas.dataset[name] = String(value); };
  const whenDrawn = (then) => { map.once('rendercomplete', then); map.render(); };

  function select(zoom) {
    const feature = find(units, model.selected) || find(shapes, model.selected);
    marked.clear();
    if (feature && feature.getGeometry()) {
      marked.addFeature(feature.clone());
      const extent = feature.getGeometry().getExtent();
      const view = map.getView();
      if (zoom && !containsExtent(view.calculateExtent(map.getSize()), extent)) {
        view.fit(extent, { padding: [120, 120, 120, 120], maxZoom: 16, size: map.getSize() });
      }
    }
    const id = feature ? feature.getId() : '';
    whenDrawn(() => mark('selected', id));
  }

  function restyle() {
    shown = look();
    unitLayer.changed();
    whenDrawn(() => mark('matched', shown.matched ? shown.matched.size : ''));
    legendBox.update(shown);
  }

  function fitFirst() {
    if (canvas.dataset.fitted) return;
    if (fitTo(map, [units, regions, shapes], model.picture)) mark('fitted', 1);
  }

  function showPicture() {
    picture.setSource(sourceOf(model.picture));
    fitFirst();
    whenDrawn(() => mark('picture', model.picture.url || ''));
  }

  function showEarlier() {
    earlier.setSource(sourceOf(model.before));
    divider.show(Boolean(model.before.url), model.captions);
    whenDrawn(() => mark('before', model.before.url || ''));
  }

  let load = 0;
  async function showData() {
    const turn = ++load;
    delete canvas.dataset.ready;
    try {
      const [found, outlined] = await Promise.all(
        [model.units_url, model.regions_url].map(readFeatures),
      );
      if (turn !== load) return;
      units.clear();
      regions.clear();
      units.addFeatures(found);
      regions.addFeatures(outlined);
      if (fitTo(map, [units, regions], model.picture)) mark('fitted', 1);
      model.trouble = '';
    } catch (error) {
      if (turn !== load) return;
      model.trouble = `The map could not load its data: ${error.message}`;
    }
    mark('units', units.getFeatures().length);
    mark('regions', regions.getFeatures().length);
    select(false);
    restyle();
    if (model.units_url || model.picture.url) whenDrawn(() => mark('ready', 1));
  }

  let asked = 0;
  async function showShapes() {
    const turn = ++asked;
    delete canvas.dataset.shapes;
    let found = [];
    try {
      found = model.shapes.features
        ? format.readFeatures(model.shapes) : await readFeatures(model.shapes_url);
    } catch (error) {
      if (turn === asked) model.trouble = `The map could not load the answer: ${error.message}`;
    }
    if (turn !== asked) return;
    shapes.clear();
    shapes.addFeatures(found.filter((one) => one.getGeometry()));
    const view = map.getView();
    const seen = map.getSize() && view.calculateExtent(map.getSize());
    const away = shapes.getFeatures().length && (!seen || !intersects(seen, shapes.getExtent()));
    if (away || !units.getFeatures().length) fitTo(map, [shapes], model.picture) && mark('fitted', 1);
    select(false);
    restyle();
    whenDrawn(() => mark('shapes', shapes.getFeatures().length));
  }

  const legendBox = legend(frame);
  const hover = tooltip(map, pickable, () => shown);
  const divider = swipe(map, frame, earlier, {
    start: model.split,
    moved(at, tell) {
      mark('split', at);
      if (tell) model.split = at;
    },
  });
  const drawing = areaDrawing(map, frame, model, () => hover.hide());
  map.on('click', (event) => {
    if (drawing.active()) return;
    const options = { layerFilter: pickable, hitTolerance: 2 };
    const feature = map.forEachFeatureAtPixel(event.pixel, (one) => one, options);
    model.selected = feature ? String(feature.getId()) : '';
    select(false);
  });
  map.on('moveend', () => {
    const view = map.getView();
    mark('view', [...view.getCenter(), view.getResolution()].join(' '));
    const seen = view.calculateExtent(map.getSize());
    model.extent = transformExtent(seen, 'EPSG:3857', 'EPSG:4326').map((one) => Number(one.toFixed(6)));
  });

  model.on('units_url', showData);
  model.on('regions_url', showData);
  model.on('shapes_url', showShapes);
  model.on('shapes', showShapes);
  model.on('picture', showPicture);
  model.on('before', showEarlier);
  model.on('captions', showEarlier);
  model.on('opacity', () => {
    unitLayer.setOpacity(model.opacity);
    whenDrawn(() => mark('opacity', model.opacity));
  });
  model.on('selected', () => select(true));
  for (const name of ['levels', 'least_share', 'matched', 'matching', 'note']) {
    model.on(name, restyle);
  }
  const watcher = new ResizeObserver(() => {
    map.updateSize();
    fitFirst();
  });
  watcher.observe(canvas);
  model.on('remove', () => { watcher.disconnect(); map.setTarget(null); });
  unitLayer.setOpacity(model.opacity);
  showPicture();
  showEarlier();
  showData();
  showShapes();
}

function sourceOf({ url, bounds }) {
  if (!url) return null;
  return new ImageStatic({ url: absolute(url), projection: 'EPSG:3857', imageExtent: bounds });
}

async function readFeatures(url) {
  if (!url) return [];
  const answer = await fetch(absolute(url));
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail || answer.statusText);
  return format.readFeatures(body);
}

function absolute(url) {
  return new URL(url, document.baseURI).href;
}

function find(source, name) {
  if (!name) return null;
  return source.getFeatureById(name)
    || source.getFeatures().find((one) => one.get('identifier') === name) || null;
}

function fitTo(map, sources, picture) {
  const size = map.getSize();
  const extent = createEmpty();
  for (const source of sources) if (source.getFeatures().length) extend(extent, source.getExtent());
  if (isEmpty(extent) && picture.bounds) extend(extent, picture.bounds);
  if (isEmpty(extent) || !size || !size[0] || !size[1]) return false;
  // The legend stands to the right, the zoom buttons to the left.
  const padding = size[0] > 700 ? [20, 260, 20, 50] : [20, 20, 20, 20];
  map.getView().fit(extent, { padding, size });
  return true;
}
