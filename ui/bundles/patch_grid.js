// PatchGrid in the browser: patches labelled by key, painted first and sent after.
import ownCss from './patch_grid.css';
import { decisions } from './decisions.js';
import { labelApi } from './label_api.js';
import { REMEMBERED, labelBar, labelHistory } from './label_bar.js';
import { listenToKeys } from './label_keys.js';
import { makeOutbox } from './outbox.js';
import { WORDS, absolute, element, patchCells } from './patch_cells.js';
import { patchDialogs } from './patch_dialogs.js';
import { ulid } from './ulid.js';

const SOON = 250;
const OFTEN = 1500;
const SELDOM = 10_000;

export function drawPatchGrid({ model, el }) {
  const style = element('style', '', ownCss);
  const frame = element('div', 'frame');
  const alert = element('p', 'alert');
  alert.setAttribute('role', 'alert');
  const spoken = element('p', 'spoken');
  spoken.setAttribute('aria-live', 'polite');
  const cells = patchCells(clicked);
  const bar = labelBar((key) => { actions[key](); cells.move(cells.current()); });
  const history = labelHistory(thumbnailOf, undo);
  const dialogs = patchDialogs();
  frame.append(bar.element, alert, cells.element, history.element, spoken, ...dialogs.elements);
  el.append(style, frame);

  // What a test or a stylesheet may wait for: set when it can be seen.
  const mark = (name, value) => { frame.dataset[name] = String(value); };
  let run = 0;
  let api = null;
  let outbox = null;
  let known = decisions();
  let batch = { number: 0, patches: [] };
  let busy = false;
  let stateTimer = null;
  let stateWait = 0;
  let preloaded = [];

  const actions = {
    p: () => label('positive'),
    n: () => label('negative'),
    s: () => label('skip'),
    u: () => undo(known.last()?.id),
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    ArrowUp: () => step(-cells.columns()),
    ArrowDown: () => step(cells.columns()),
    Enter: next,
    ' ': view,
    '?': () => dialogs.toggleHelp(),
  };
  const isOurs = (one) => one === frame;
  const stopKeys = listenToKeys(whenShown(actions), isOurs);

  function whenShown(all) {
    const guarded = (action) => () => { if (frame.offsetParent && outbox) action(); };
    return Object.fromEntries(Object.entries(all).map(([key, one]) => [key, guarded(one)]));
  }

  async function open() {
    const turn = ++run;
    close();
    frame.hidden = !model.session;
    if (!model.session) return;
    api = labelApi(model.api, model.session);
    known = decisions();
    outbox = makeOutbox({
      session: model.session,
      post: api.record,
      accepted: acknowledged,
      refused: (event, error) => { tell(`A label was refused: ${error.message}`); load(turn); },
      changed: showWaiting,
    });
    showWaiting();
    await outbox.send();
    if (turn === run) await load(turn);
  }

  function showWaiting(trouble) {
    const size = outbox ? outbox.size() : 0;
    mark('waiting', size);
    bar.showWaiting(size, trouble);
    model.waiting = size;
  }

  function close() {
    clearTimeout(stateTimer);
    stateTimer = null;
    outbox?.close();
    outbox = null;
    batch = { number: 0, patches: [] };
    delete frame.dataset.ready;
  }

  /** Paint what the server holds, and what it does not hold yet. */
  async function load(turn) {
    try {
      const [state, current] = await Promise.all([api.state(), api.batch()]);
      if (turn !== run) return;
      known.reset(state.history, current.patches, outbox.events());
      showState(state);
      await showBatch(current);
    } catch (error) {
      if (turn !== run) return;
      tell(`The batch could not be loaded: ${error.message}`);
      if (error.status === undefined || error.status >= 500) {
        setTimeout(() => { if (turn === run) load(turn); }, SELDOM / 2);
      }
    }
  }

  async function showBatch(current) {
    const turn = run;
    const same = current.number === batch.number && batch.patches.length;
    const place = same ? cells.current() : 0;
    batch = current;
    for (const patch of batch.patches) {
      const told = { id: patch.event, patch: patch.id, action: patch.label };
      if (patch.event) known.add(told);
    }
    delete frame.dataset.ready;
    mark('batch', batch.number);
    const drawn = cells.show(batch.patches, `Batch ${batch.number}`);
    paintAll();
    const first = batch.patches.findIndex((one) => !known.labelOf(one.id));
    cells.move(same ? place : Math.max(0, first), !typing());
    tell(batch.patches.length ? '' : 'No patch is left to label in this category.');
    await drawn;
    if (turn === run) mark('ready', batch.number);
  }

  function paintAll() {
    batch.patches.forEach((patch, place) => cells.paint(place, known.labelOf(patch.id)));
    const labelled = batch.patches.filter((one) => known.labelOf(one.id)).length;
    bar.showCount(batch.number, labelled, batch.patches.length);
    history.show(known.recent(REMEMBERED));
    fillView();
  }

  function fillView() {
    const patch = batch.patches[cells.current()];
    if (!patch || !dialogs.isOpen()) return;
    dialogs.fill(patch, known.labelOf(patch.id), cells.current(), batch.patches.length);
  }

  function submit(event) {
    known.add(event);
    paintAll();
    outbox.keep(event);
  }

  function label(action, place = cells.current(), advance = true) {
    const patch = batch.patches[place];
    if (!patch || busy) return;
    if (known.labelOf(patch.id) !== action) {
      submit(made({ patch: patch.id, action, undoes: null }));
      spoken.textContent = `Patch ${place + 1}: ${WORDS[action]}`;
    }
    if (advance) step(1);
  }

  function undo(id) {
    const decision = known.recent(Infinity).find((one) => one.id === id && !one.undone);
    if (!decision || busy) return;
    submit(made({ patch: decision.patch, action: 'undo', undoes: decision.id }));
    spoken.textContent = `Undone: ${WORDS[decision.action]}`;
    const place = batch.patches.findIndex((one) => one.id === decision.patch);
    if (place >= 0) cells.move(place, !dialogs.isOpen());
    fillView();
  }

  function made(event) {
    return { id: ulid(known.newest()), ...event, at: new Date().toISOString() };
  }

  function clicked(place) {
    cells.move(place);
    const patch = batch.patches[place];
    label(known.labelOf(patch.id) === 'positive' ? 'negative' : 'positive', place, false);
  }

  function step(by) {
    const to = cells.current() + by;
    if (to < 0 || to >= batch.patches.length) return;
    cells.move(to, !dialogs.isOpen());
    fillView();
  }

  function view() {
    if (!batch.patches.length) return;
    dialogs.toggleView();
    if (dialogs.isOpen()) fillView();
    else cells.move(cells.current());
  }

  /** End the batch, once all its labels are stored. */
  async function next() {
    if (busy || !batch.patches.length) return;
    const turn = run;
    busy = true;
    bar.setBusy(true);
    dialogs.close();
    try {
      await outbox.send();
      if (outbox.size()) throw new Error('labels are still waiting for the service');
      const following = await api.next(batch.number);
      if (turn === run) await showBatch(following);
      readState();
    } catch (error) {
      if (turn === run) tell(`No next batch yet: ${error.message}`);
    } finally {
      busy = false;
      bar.setBusy(false);
    }
  }

  function acknowledged(answer, events) {
    tell('');
    model.state = { ...model.state, counters: answer.counters };
    if (events.some((one) => one.action === 'undo') && !outbox.size()) reconcile(run);
    stateSoon(SOON);
  }

  // An undo brings back an earlier label that only the server may know.
  async function reconcile(turn) {
    const current = await api.batch().catch(() => null);
    if (!current || turn !== run || outbox.size() || current.number !== batch.number) return;
    for (const one of current.patches) {
      if (one.event) known.add({ id: one.event, patch: one.id, action: one.label });
    }
    paintAll();
  }

  function stateSoon(wait) {
    stateTimer ??= setTimeout(readState, wait);
  }

  /** Ask how far the model is: again while a batch is being made, less and less often. */
  async function readState() {
    const turn = run;
    clearTimeout(stateTimer);
    try {
      const state = await api.state();
      if (turn !== run) return;
      stateTimer = null;
      showState(state);
      stateWait = state.pending ? Math.min(Math.max(OFTEN, stateWait * 1.3), SELDOM) : 0;
    } catch {
      if (turn !== run) return;
      stateTimer = null;
      stateWait = SELDOM;
    }
    if (stateWait) stateSoon(stateWait);
  }

  function showState(state) {
    model.state = state;
    preloaded = state.upcoming.map((url) => {
      const picture = new Image();
      picture.src = absolute(url);
      return picture;
    });
    mark('preloaded', preloaded.length);
    if (state.pending) stateSoon(OFTEN);
  }

  function tell(text) {
    alert.textContent = text;
    alert.hidden = !text;
  }

  function thumbnailOf(patch) {
    return `${model.api}/patches/${encodeURIComponent(patch)}.png`;
  }

  model.on('session', open);
  model.on('remove', () => { run += 1; stopKeys(); close(); });
  open();
}

function typing() {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active !== null && ['INPUT', 'TEXTAREA'].includes(active.tagName);
}
