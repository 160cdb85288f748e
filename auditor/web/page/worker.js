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

/** Audits; `crew` are the ports to the workers that check proofs. */
async function audit({ module, files, election, crew }) {
  const call = await instance(module, reading(new Map(files)));
  const workers = crew.map((port) => ({ port, alive: true, has: new Set() }));
  const queue = [];
  let over = false;

  /** Hands out what is to be done, to whoever has least to do; two at a time, so that nobody waits for the way. */
  function give() {
    const there = workers.filter((worker) => worker.alive);
    if (there.length === 0) {
      const left = queue.splice(0);
      for (const { number } of left) on(call({ op: "lost", number, why: "no worker is left" }));
      return;
    }
    while (queue.length > 0) {
      const free = there.reduce((a, b) => (b.has.size < a.has.size ? b : a));
      if (free.has.size >= 2) return;
      const { number, task } = queue.shift();
      free.has.add(number);
      free.port.postMessage({ number, task }, [task.buffer]);
    }
  }

  /** What follows from an answer of the module. */
  function on(answer) {
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
    answer.orders.forEach((number, at) => queue.push({ number, task: blobs[at] }));
    // Later, so that answers that have come are heard.
    if (answer.again) { steps.port1.postMessage(null); }
    give();
  }
  const steps = new MessageChannel();
  const guarded = (act) => (event) => {
    try { act(event); } catch (error) { over = true; self.postMessage({ problem: { name: "internal", detail: String(error?.message ?? error) } }); }
  };
  steps.port2.onmessage = guarded(() => on(call({ op: "step" })));
  for (const worker of workers) {
    worker.port.onmessage = guarded(({ data: { number, answer, lost: said } }) => {
      const lost = said ?? (worker.has.has(number) ? undefined : "it answered what it was not asked");
      // A worker that cannot go on has no answer to anything that it still has.
      const done = lost === undefined ? [number] : [...worker.has];
      if (lost !== undefined) worker.alive = false;
      for (const one of done) {
        if (!worker.has.delete(one)) continue;
        on(lost === undefined ? call({ op: "answer", number: one }, answer) : call({ op: "lost", number: one, why: lost }));
      }
      give();
    });
  }
  // The page sees a worker end that cannot say so itself.
  self.onmessage = guarded(({ data: { ended, why } }) => workers[ended]?.port.onmessage({ data: { lost: why } }));
  on(call({ op: "audit", election, workers: workers.length, files: files.map(([path]) => path) }));
}

/** Checks proofs for whoever is at the other end of the port. */
async function prove({ module, port }) {
  const call = await instance(module, alone);
  let broken;
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
