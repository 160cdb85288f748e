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

/** Why a worker ended that has not said it. */
const SILENT = "it ended without a word: the browser may have been short of memory";

/** Audits files; answers with the report in JSON. `told` hears how far it is, `signal` stops it. */
function audit({ module, files, election, told, signal, count = workersHere() }) {
  const all = [];
  let over = false;
  const end = () => { over = true; for (const worker of all) worker.terminate(); };
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Problem("stopped", "")));

    /** Starts a worker. `said` hears what it says, `gone` why it is no more if that is not the end of the audit.
     *
     * A worker that the browser ends, or that ends itself, says nothing and causes no error, and one that computes answers
     * nothing meanwhile. So it holds a lock, which is free as soon as the worker is no more, however it ended. A page that came
     * over plain http has no locks, and then says when nothing is heard for long. */
    const begin = (name, { said, gone, message, ports }) => {
      const worker = makeWorker(name);
      all.push(worker);
      const ended = (why) => { if (!over) gone(why); };
      worker.onerror = (event) => { event.preventDefault(); ended(event.message ?? "it ended"); };
      worker.onmessageerror = () => ended("what it said could not be read");
      worker.onmessage = ({ data }) => {
        if (data.held) navigator.locks.request(data.held, () => ended(SILENT)).catch(() => {});
        else said?.(data);
      };
      const lock = `selge ${[...crypto.getRandomValues(new Uint8Array(16))].join(".")}`;
      worker.postMessage({ ...message, lock }, ports);
      return worker;
    };

    const channels = Array.from({ length: count }, () => new MessageChannel());
    const crew = channels.map(({ port1 }) => port1);
    const auditor = begin("audit", {
      said: ({ tell, report, problem }) => {
        if (tell) told(tell);
        else if (report) resolve(report);
        else if (problem) reject(new Problem(problem.name, problem.detail));
      },
      gone: (why) => reject(new Problem("internal", `the worker that audits: ${why}`)),
      message: { module, files, election, crew },
      ports: crew,
    });
    channels.forEach(({ port2 }, at) => begin(`proofs-${at + 1}`, {
      // The audit must not wait for one that is gone.
      gone: (why) => auditor.postMessage({ ended: at, why }),
      message: { module, port: port2 },
      ports: [port2],
    }));
  }).finally(end);
}
