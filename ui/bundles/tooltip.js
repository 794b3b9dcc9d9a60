// What stands beside the pointer over a unit or shape: its name and what is known of it, as text.
import Overlay from 'ol/Overlay.js';
import { levelOf, NOT_ASSESSABLE } from './styles.js';

const MOST = 6;

export function tooltip(map, pickable, shown) {
  const box = document.createElement('div');
  box.className = 'tip';
  const overlay = new Overlay({
    element: box, offset: [14, 10], stopEvent: false, className: 'tip-place ol-unselectable',
  });
  map.addOverlay(overlay);
  const hide = () => { overlay.setPosition(undefined); };
  map.on('pointermove', (event) => {
    if (event.dragging) return hide();
    const options = { layerFilter: pickable, hitTolerance: 1 };
    const feature = map.forEachFeatureAtPixel(event.pixel, (one) => one, options);
    map.getTargetElement().style.cursor = feature ? 'pointer' : '';
    if (!feature) return hide();
    const [width, height] = map.getSize();
    const right = event.pixel[0] > width - 260;
    const low = event.pixel[1] > height - 170;
    overlay.setPositioning(`${low ? 'bottom' : 'top'}-${right ? 'right' : 'left'}`);
    overlay.setOffset([right ? -12 : 14, low ? -10 : 10]);
    box.replaceChildren(...lines(feature.getProperties(), shown()));
    overlay.setPosition(event.coordinate);
  });
  map.getViewport().addEventListener('pointerleave', hide);
  return { hide };
}

function lines(unit, shown) {
  const head = document.createElement('strong');
  const name = unit.name && unit.name !== unit.identifier ? ` · ${unit.name}` : '';
  head.textContent = `${unit.identifier}${name}`;
  if (unit.grade) return [head, ...told(graded(unit))];
  if (unit.none_ha === undefined) return row(unit, head);
  const rows = shown.levels
    .filter((one) => one.order !== null)
    .sort((a, b) => b.order - a.order)
    .map((one) => `${one.label}: ${hectares(unit[`${one.name}_ha`])}`);
  rows.push(`observed: ${hectares(unit.observed_ha)}`);
  if (unit.main_land_cover) rows.push(unit.main_land_cover);
  if (levelOf(unit, shown) === NOT_ASSESSABLE) {
    rows.push(`not assessable: ${unit.valid_pixels} clear of ${unit.total_pixels} pixels`);
  }
  return [head, ...told(rows)];
}

// A row of an answer, or an outline: the first of its columns that are no addresses.
function row(unit, head) {
  const known = Object.entries(unit)
    .filter(([name, value]) => name !== 'geometry' && value !== null && value !== ''
      && !['identifier', 'name', 'level'].includes(name) && !/^https?:/.test(String(value)))
    .slice(0, MOST)
    .map(([name, value]) => `${name.replaceAll('_', ' ')}: ${String(value).slice(0, 60)}`);
  return unit.identifier ? [head, ...told(known)] : told(known);
}

function graded(parcel) {
  const share = parcel.share === null ? '' : ` (${Math.round(parcel.share * 100)} %)`;
  return [
    parcel.grade_label,
    `affected: ${hectares(parcel.affected_ha)} of ${hectares(parcel.observed_ha)}${share}`,
    `weather key: ${parcel.weather_key_label}`,
    `valid: ${parcel.valid_pixels} of ${parcel.total_pixels} pixels`,
  ];
}

function told(texts) {
  return texts.map((text) => {
    const row = document.createElement('div');
    row.textContent = text;
    return row;
  });
}

function hectares(number) {
  return `${Number(number).toFixed(2)} ha`;
}
