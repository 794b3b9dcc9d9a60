// How units, regions and shapes look: a fill a level or grade, outlines for what is asked about.
import Circle from 'ol/style/Circle.js';
import Fill from 'ol/style/Fill.js';
import Stroke from 'ol/style/Stroke.js';
import Style from 'ol/style/Style.js';

export const SELECTED = '#00E5FF';
export const REGION = '#7B1FA2';
export const SHAPE = '#0072B2';
export const NOT_ASSESSABLE = 'notAssessable';

const OUTLINE = 'outline';
const OUTLINED = { name: OUTLINE, colour: '#FFFFFF', order: 0 };
const UNKNOWN = { colour: '#BDBDBD', order: null };
const known = {};

// A grade is the unit's own; else the strongest level that, with those above it, reaches
// the share. Units without either are outlines.
export function levelOf(unit, { levels, leastShare }) {
  if (unit.grade) return unit.grade;
  if (unit.observed_ha === undefined) return OUTLINE;
  if (!unit.assessable || !unit.observed_ha) return NOT_ASSESSABLE;
  const ranked = levels.filter((one) => one.order !== null).sort((a, b) => b.order - a.order);
  let hectares = 0;
  for (const level of ranked) {
    hectares += unit[`${level.name}_ha`] || 0;
    if (hectares >= leastShare * unit.observed_ha - 1e-9) return level.name;
  }
  return NOT_ASSESSABLE;
}

export function unitStyle(unit, id, shown) {
  const name = levelOf(unit, shown);
  const level = name === OUTLINE ? OUTLINED
    : shown.levels.find((one) => one.name === name) || UNKNOWN;
  const emphasis = shown.matched ? (shown.matched.has(id) ? 'matched' : 'faded') : 'plain';
  const key = `${name} ${level.colour} ${level.order} ${emphasis}`;
  known[key] = known[key] || build(level, emphasis);
  return known[key];
}

function build(level, emphasis) {
  const faded = emphasis === 'faded';
  const styles = [new Style({
    zIndex: faded ? 0 : 1,
    fill: new Fill({ color: fillOf(level, faded) }),
    stroke: new Stroke({ color: faded ? '#FFFFFF88' : '#333333', width: faded ? 0.75 : 1 }),
  })];
  if (emphasis === 'matched') {
    styles[0] = new Style({ zIndex: 2, fill: styles[0].getFill(), stroke: line('#111111', 4.5) });
    styles.push(new Style({ zIndex: 3, stroke: line('#FFFFFF', 2) }));
  }
  return styles;
}

// No change is an outline only: its near white would hide the image.
function fillOf(level, faded) {
  if (level.order === null) return hatch(level.colour, faded ? 0.45 : 0.9);
  if (level.order === 0) return '#FFFFE50F';
  return level.colour + (faded ? '70' : 'D0');
}

function hatch(colour, alpha) {
  const tile = document.createElement('canvas');
  tile.width = tile.height = 8;
  const pen = tile.getContext('2d');
  pen.globalAlpha = alpha;
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  for (const shift of [-8, 0, 8]) {
    pen.beginPath();
    pen.moveTo(shift, 8);
    pen.lineTo(shift + 8, 0);
    pen.stroke();
  }
  return pen.createPattern(tile, 'repeat');
}

const line = (color, width, lineDash) => new Stroke({ color, width, lineDash });

const regionNear = [
  new Style({ stroke: line('#FFFFFFCC', 3) }),
  new Style({ stroke: line(REGION, 1.75, [6, 4]) }),
];
const regionFar = new Style({ stroke: line('#BA68C8', 0.8) });

// Seen from afar a casing would hide what lies under many small regions.
export const regionStyle = (_, metresPerPixel) => (metresPerPixel < 5 ? regionNear : regionFar);

// What an answer is about where it is no change of units: patches, parcels, points.
const dot = (radius, color) => new Circle({ radius, fill: new Fill({ color }) });
export const shapeStyle = [
  new Style({ stroke: line('#FFFFFF', 3.5), image: dot(7, '#FFFFFF') }),
  new Style({ stroke: line(SHAPE, 1.75), fill: new Fill({ color: '#0072B24D' }), image: dot(5, SHAPE) }),
];

export const selectedStyle = [
  new Style({ stroke: line('#003B46', 7), image: dot(9, '#003B46') }),
  new Style({
    stroke: line(SELECTED, 3.5), fill: new Fill({ color: '#00E5FF1F' }), image: dot(6.5, SELECTED),
  }),
];
