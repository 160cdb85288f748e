// What stays on this device. On the one that votes the signed ballot that has no receipt yet, so that a closed page or a lost
// connection loses nothing: it is encrypted, and shows that somebody voted here, and not how. On a second device the digests
// of votes that were opened instead of cast.

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

const openedKey = (election) => `selge-opened-${election}`;

/** Most digests that are remembered: the newest. */
const MOST = 64;

/** Digests of the encrypted votes that this device has seen opened: one of them must never turn up as cast. They say
 * nothing about any vote that counts. */
export function opened(election) {
  if (memory.has(openedKey(election))) return memory.get(openedKey(election));
  try {
    const found = JSON.parse(localStorage.getItem(openedKey(election)));
    return Array.isArray(found) ? found.filter((text) => /^[0-9a-f]{64}$/.test(text)) : [];
  } catch {
    return [];
  }
}

/** Remembers one more. */
export function rememberOpened(election, digest) {
  const all = [...opened(election).filter((other) => other !== digest), digest].slice(-MOST);
  memory.set(openedKey(election), all);
  try { localStorage.setItem(openedKey(election), JSON.stringify(all)); } catch { /* private browsing */ }
}

/** Forgets the ballot that is kept. */
export function forget(election) {
  memory.delete(election);
  try { localStorage.removeItem(key(election)); } catch { /* private browsing */ }
}
