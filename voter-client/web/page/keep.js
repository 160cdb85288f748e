// The signed ballot that has no receipt yet, kept on this device so that a closed page or a lost connection loses nothing.
// It is encrypted: it shows that somebody voted here, and not how.

const key = (election) => `selge-ballot-${election}`;
const memory = new Map();

/** Keeps a ballot; where the browser stores nothing, as long as the page is open. */
export function keep(election, ballot) {
  memory.set(election, ballot);
  try { localStorage.setItem(key(election), JSON.stringify(ballot)); } catch { /* private browsing */ }
}

/** The ballot that is kept, if there is one. */
export function kept(election) {
  if (memory.has(election)) return memory.get(election);
  try {
    const found = JSON.parse(localStorage.getItem(key(election)));
    return typeof found?.ballot === "string" ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Forgets it. */
export function forget(election) {
  memory.delete(election);
  try { localStorage.removeItem(key(election)); } catch { /* private browsing */ }
}
