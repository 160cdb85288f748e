// One worker: it audits, or it checks proofs for the one that does. All of them run the same module and share no memory.

/** The files of a record, which are read while the audit runs: `FileReaderSync` is there in workers alone. */
const reading = (files) => (bytes) => ({
  size(address, length) {
    const file = files.get(new TextDecoder().decode(bytes(address, length)));
    return file ? file.size : -1;
  },
  read(pathAddress, pathLength, address, length) {
    try {
      const file = files.get(new TextDecoder().decode(bytes(pathAddress, pathLength)));
      const content = new FileReaderSync().readAsArrayBuffer(file);
      if (content.byteLength !== length) return 0;
      bytes(address, length).set(new Uint8Array(content));
      return 1;
    } catch {
      return 0;
    }
  },
  now: () => performance.now(),
  tell: (address, length) => self.postMessage({ tell: JSON.parse(new TextDecoder().decode(bytes(address, length))) }),
});

/** Holds a lock as long as this worker is there (see `audit` in engine.js), and is done when it does, or may not. */
const live = (lock) => new Promise((held) => {
  // Where the page may have no locks, nothing is held and nobody waits for it.
  if (!navigator.locks) { held(); return; }
  navigator.locks.request(lock, () => {
    self.postMessage({ held: lock });
    held();
    return new Promise(() => {});
  }).catch(held);
});

/** Workers that a task is given to before it counts as one that nobody can do: a second, as the first may have ended for reasons of
 * its own. */
const TRIES_OF_TASK = 2;

/** Audits; `crew` are the ports to the workers that check proofs. */
async function audit({ module, files, election, crew, lock }) {
  // What a worker has is kept here until it has answered, as the worker can end.
  const workers = crew.map((port) => ({ port, alive: true, has: new Map() }));
  const queue = [];
  let over = false;
  let call;

  /** Hands out what is to be done, to whoever has least to do; two at a time, so that nobody waits for the way. */
  function give(last) {
    const there = workers.filter((worker) => worker.alive);
    if (there.length === 0) {
      const why = last ? `no worker is left, of the last one: ${last}` : "no worker is left";
      for (const { number } of queue.splice(0)) on(call({ op: "lost", number, why }), last);
      return;
    }
    while (queue.length > 0) {
      const free = there.reduce((a, b) => (b.has.size < a.has.size ? b : a));
      if (free.has.size >= 2) return;
      const one = queue.shift();
      free.has.set(one.number, one);
      free.port.postMessage({ number: one.number, task: one.task });
    }
  }

  /** What follows from an answer of the module. */
  function on(answer, last) {
    if (over) return;
    if (answer.problem || answer.verdict) {
      over = true;
      self.postMessage(answer.problem ? { problem: answer.problem } : { report: answer.blobs[0] });
      return;
    }
    const blobs = [...answer.blobs];
    if (answer.set_up) {
      const ground = blobs.shift();
      for (const { port } of workers) port.postMessage({ ground });
    }
    answer.orders.forEach((number, at) => queue.push({ number, task: blobs[at], tries: 0 }));
    // Later, so that answers that have come are heard.
    if (answer.again) { steps.port1.postMessage(null); }
    give(last);
  }

  /** A worker is no more: what it was at, and what waited for it, is another's. */
  function lost(worker, why) {
    if (!worker.alive) return;
    worker.alive = false;
    const [at, ...waiting] = worker.has.values();
    worker.has.clear();
    queue.unshift(...waiting);
    if (at && ++at.tries < TRIES_OF_TASK) queue.unshift(at);
    else if (at) on(call({ op: "lost", number: at.number, why }), why);
    give(why);
  }

  const steps = new MessageChannel();
  const guarded = (act) => (event) => {
    try { act(event); } catch (error) { over = true; self.postMessage({ problem: { name: "internal", detail: String(error?.message ?? error) } }); }
  };
  steps.port2.onmessage = guarded(() => on(call({ op: "step" })));
  for (const worker of workers) {
    worker.port.onmessage = guarded(({ data: { number, answer, lost: said } }) => {
      if (!worker.alive) return;
      const why = said ?? (worker.has.has(number) ? undefined : "it answered what it was not asked");
      if (why !== undefined) { lost(worker, why); return; }
      worker.has.delete(number);
      on(call({ op: "answer", number }, answer));
      give();
    });
    worker.port.onmessageerror = guarded(() => lost(worker, "its answer could not be read"));
  }
  // The page sees a worker end that cannot say so itself.
  self.onmessage = guarded(({ data: { ended, why } }) => lost(workers[ended], why));
  await live(lock);
  call = await instance(module, reading(new Map(files)));
  on(call({ op: "audit", election, workers: workers.length, files: files.map(([path]) => path) }));
}

/** Checks proofs for whoever is at the other end of the port. */
async function prove({ module, port, lock }) {
  await live(lock);
  const call = await instance(module, alone);
  let broken;
  port.onmessageerror = () => port.postMessage({ lost: "a task did not arrive" });
  port.onmessage = ({ data: { ground, number, task } }) => {
    try {
      if (broken) throw broken;
      const answer = ground ? call({ op: "set-up" }, ground) : call({ op: "run" }, task);
      if (answer.problem) throw new Error(answer.problem.detail);
      if (!ground) port.postMessage({ number, answer: answer.blobs[0] }, [answer.blobs[0].buffer]);
    } catch (error) {
      // After an error the module's memory may be anything.
      broken = error;
      port.postMessage({ number, lost: String(error?.message ?? error) });
    }
  };
}

self.onmessage = ({ data }) => {
  (data.port ? prove(data) : audit(data)).catch((error) => {
    const detail = String(error?.message ?? error);
    if (data.port) data.port.postMessage({ lost: detail });
    else self.postMessage({ problem: { name: "internal", detail } });
  });
};
