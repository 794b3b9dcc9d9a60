// Events on their way to the server: kept until acknowledged, sent again after a loss.
const LONGEST_WAIT = 30_000;
const FIRST_WAIT = 500;
const MOST = 100;

/**
 * The outbox of one session. Events outlive a reload in localStorage, one key each, so
 * that two windows do not overwrite each other's.
 */
export function makeOutbox({ session, post, accepted, refused, changed }) {
  const prefix = `lucerna.label.${session}.`;
  const waiting = new Map(stored(prefix));
  let sending = null;
  let timer = null;
  let wait = 0;
  let most = MOST;

  function keep(event) {
    waiting.set(event.id, event);
    inStorage((storage) => storage.setItem(prefix + event.id, JSON.stringify(event)));
    changed();
    send();
  }

  function drop(id) {
    waiting.delete(id);
    inStorage((storage) => storage.removeItem(prefix + id));
  }

  /** Send all that waits; ends when nothing waits or the server cannot be reached. */
  function send() {
    if (!sending) sending = sendAll().finally(() => { sending = null; });
    return sending;
  }

  async function sendAll() {
    clearTimeout(timer);
    while (waiting.size) {
      const events = [...waiting.values()].slice(0, most);
      try {
        await sendSome(events);
      } catch (error) {
        if (!isRefusal(error)) {
          later();
          changed(error);
          return;
        }
        if (events.length > 1) {
          most = 1; // to find the one that is refused
        } else {
          drop(events[0].id);
          refused(events[0], error);
        }
      }
      changed();
    }
    most = MOST;
  }

  async function sendSome(events) {
    const answer = await post(events);
    const known = answer.accepted.filter((id) => waiting.has(id));
    if (!known.length) throw new Error('the service acknowledged none of the events');
    known.forEach(drop);
    wait = 0;
    accepted(answer, events);
  }

  function later() {
    wait = Math.min(Math.max(FIRST_WAIT, wait * 2), LONGEST_WAIT);
    timer = setTimeout(send, wait * (0.75 + Math.random() / 2));
  }

  function now() {
    wait = 0;
    if (waiting.size) send();
  }

  window.addEventListener('online', now);
  return {
    keep,
    send,
    size: () => waiting.size,
    events: () => [...waiting.values()],
    close() {
      clearTimeout(timer);
      window.removeEventListener('online', now);
    },
  };
}

// The event itself is at fault, so that sending it again cannot help.
function isRefusal(error) {
  return [400, 413, 422].includes(error.status);
}

function stored(prefix) {
  const found = [];
  inStorage((storage) => {
    for (let place = 0; place < storage.length; place += 1) {
      const key = storage.key(place);
      if (key.startsWith(prefix)) {
        const event = JSON.parse(storage.getItem(key));
        found.push([event.id, event]);
      }
    }
  });
  return found.sort(([one], [other]) => (one < other ? -1 : 1));
}

// A browser may forbid storage; then events live as long as the page.
function inStorage(work) {
  try {
    work(window.localStorage);
  } catch (error) {
    console.warn('labels are not kept over a reload:', error.message);
  }
}
