// The worker that holds the credential and makes the ballot, as a function that answers with a promise.

import { fetchChecked } from "./assets.js";

/** What the worker could not do: `name` has words in every language, `detail` is for who wants to know. */
export class Problem extends Error {
  constructor({ name, detail, wait, tracker }) {
    super(detail);
    Object.assign(this, { name, detail, wait, tracker });
  }
}

/** Starts the worker; its bytes and the module's are compared with their digests first. */
export async function start() {
  const [script, module] = await Promise.all([
    fetchChecked("worker.js").then((response) => response.text()),
    fetchChecked("voter.wasm").then((response) => response.arrayBuffer()),
  ]);
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const policy = globalThis.trustedTypes?.createPolicy("selge", { createScriptURL: (text) => (text === url ? text : "") });
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
  return (ask, told, signal) => send({ ask }, [], told, signal);
}
