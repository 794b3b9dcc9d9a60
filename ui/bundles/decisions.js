// The decisions of a session: what each patch is labelled, and what can be undone.

/** All known events of a session; the answer of a patch is its last one not undone. */
export function decisions() {
  const answers = new Map();
  const undone = new Set();

  function add(event) {
    if (event.action === 'undo') undone.add(event.undoes);
    else answers.set(event.id, event);
  }

  // Identities sort by time; the events may come in any order.
  const ordered = () => [...answers.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const standing = () => ordered().filter((one) => !undone.has(one.id));

  return {
    add,
    /** Start anew from what the server knows and what it does not know yet. */
    reset(history, patches, waiting) {
      answers.clear();
      undone.clear();
      for (const patch of patches) {
        if (patch.event) add({ id: patch.event, patch: patch.id, action: patch.label });
      }
      for (const event of [...history, ...waiting]) add(event);
    },
    labelOf(patch) {
      const found = standing().filter((one) => one.patch === patch);
      return found.length ? found[found.length - 1].action : '';
    },
    /** The decision that u takes back; undefined when there is none. */
    last: () => standing().pop(),
    /** The last decisions, newest first; each says whether it is undone. */
    recent: (count) => ordered().slice(-count).reverse()
      .map((one) => ({ ...one, undone: undone.has(one.id) })),
    newest: () => [...answers.keys(), ...undone].sort().pop() || '',
  };
}
