// The worker that holds the credential and makes the ballot, as a function that answers with a promise.

import { fetchChecked } from "./assets.js";

/** Addresses of workers whose bytes were compared; nothing else runs as one. */
const allowed = new Set();
const policy = globalThis.trustedTypes?.createPolicy("selge", { createScriptURL: (text) => (allowed.has(text) ? text : "") });

/** What the worker could not do: `name` has words in every language, `detail` is for who wants to know. */
export class Problem extends Error {
  constructor({ name, detail, wait, tracker }) {
    super(detail);
    Object.assign(this, { name, detail, wait, tracker });
  }
}

/** Starts a worker with a module; its bytes and the module's are compared with their digests first. */
export async function start(name = "voter.wasm") {
  const [script, module] = await Promise.all([
    fetchChecked("worker.js").then((response) => response.text()),
    fetchChecked(name).then((response) => response.arrayBuffer()),
  ]);
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  allowed.add(url);
  const worker = new Worker(policy ? policy.createScriptURL(url) : url, { name: "selge" });
  const waiting = new Map();
  let next = 0;
  worker.onmessage = ({ data }) => {
    const { resolve, reject, told } = waiting.get(data.id) ?? {};
    if (data.tell) { told?.(data.tell); return; }
    waiting.delete(data.id);
    if (data.problem) reject?.(new Problem(data.problem));
    else resolve?.(data.done);
  };
  worker.onerror = (event) => {
    for (const { reject } of waiting.values()) reject(new Problem({ name: "internal", detail: event.message ?? "the worker ended" }));
    waiting.clear();
  };
  const send = (message, transfer = [], told = undefined, signal = undefined) => new Promise((resolve, reject) => {
    next += 1;
    const id = next;
    waiting.set(id, { resolve, reject, told });
    worker.postMessage({ id, ...message }, transfer);
    signal?.addEventListener("abort", () => { if (waiting.has(id)) worker.postMessage({ stop: id }); });
  });
  await send({ module, board: location.origin }, [module]);
  const ask = (message, told, signal) => send({ ask: message }, [], told, signal);
  return Object.assign(ask, { end: () => worker.terminate() });
}

/** The code in a credential file, which is opened by a module of its own: only who has such a file loads that. */
export async function openFile(bytes, passphrase) {
  const ask = await start("keyfile.wasm");
  try {
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return (await ask({ file: btoa(text), passphrase })).code;
  } finally {
    // With its memory.
    ask.end();
  }
}
