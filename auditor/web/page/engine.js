// The workers of an audit: one that audits, and one for each core that checks proofs for it.
"use strict";

/** Most workers: each takes some tens of megabytes. */
const MOST_WORKERS = 16;

const policy = globalThis.trustedTypes?.createPolicy("selge", {
  createScriptURL: (url) => (url.startsWith("blob:") ? url : ""),
  // The report's, which the module has made and escaped.
  createHTML: (html) => html,
}) ?? { createScriptURL: (url) => url, createHTML: (html) => html };

/** The module, which is in the page itself. */
async function compiled() {
  const text = atob(document.getElementById("module").textContent);
  return WebAssembly.compile(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
}

const scriptOf = (id) => document.getElementById(id).textContent;
const workerUrl = URL.createObjectURL(new Blob([scriptOf("bridge"), scriptOf("worker")], { type: "text/javascript" }));
const makeWorker = (name) => new Worker(policy.createScriptURL(workerUrl), { name });

/** How many workers check proofs on this device. */
const workersHere = () => Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency ?? 2));

/** Audits files; answers with the report in JSON. `told` hears how far it is, `signal` stops it. */
function audit({ module, files, election, told, signal, count = workersHere() }) {
  const all = [];
  const end = () => { for (const worker of all) worker.terminate(); };
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Problem("stopped", "")));
    const auditor = makeWorker("audit");
    all.push(auditor);
    const crew = Array.from({ length: count }, (_, at) => {
      const { port1, port2 } = new MessageChannel();
      const prover = makeWorker(`proofs-${at + 1}`);
      all.push(prover);
      // An error that it could not report itself: the audit must not wait for it.
      prover.onerror = (event) => { event.preventDefault(); auditor.postMessage({ ended: at, why: event.message ?? "it ended" }); };
      prover.postMessage({ module, port: port2 }, [port2]);
      return port1;
    });
    auditor.onmessage = ({ data: { tell, report, problem } }) => {
      if (tell) told(tell);
      else if (report) resolve(report);
      else reject(new Problem(problem.name, problem.detail));
    };
    auditor.onerror = (event) => { event.preventDefault(); reject(new Problem("internal", event.message ?? "the worker ended")); };
    auditor.postMessage({ module, files, election, crew }, crew);
  }).finally(end);
}
