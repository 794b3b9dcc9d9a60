// The label sessions of the REST API, as the browser calls them.
const LONGEST = 15_000;

/** Calls about one session; a failed one throws an Error with the HTTP status. */
export function labelApi(base, session) {
  const address = (path) => {
    const about = `${base}/sessions/${encodeURIComponent(session)}${path}`;
    return new URL(about, document.baseURI).href;
  };
  const post = (path, body) => call(address(path), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    keepalive: true,
  });
  return {
    state: () => call(address('')),
    batch: () => call(address('/batch')),
    next: (number) => post('/batch', { number }),
    record: (events) => post('/events', { events }),
  };
}

async function call(address, options = {}) {
  const answer = await fetch(address, { ...options, signal: AbortSignal.timeout(LONGEST) });
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  const error = new Error(body.detail || answer.statusText);
  error.status = answer.status;
  throw error;
}
