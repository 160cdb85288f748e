// Runs the WebAssembly module: everything secret of a vote stays in here. One file without imports, so that the page can
// compare all of it with its digest before it runs.
"use strict";

/** Longest wait for one answer of the board. */
const ANSWER_MS = 30000;

let exports;
let board;
// One message at a time: the next waits for the one before.
let busy = Promise.resolve();
// The question that is open, and messages whose end nobody waits for any more.
let question;
const stopped = new Set();

function random(address, length) {
  const bytes = new Uint8Array(exports.memory.buffer, address, length);
  // The browser gives at most 65,536 bytes at a time.
  for (let at = 0; at < length; at += 65536) crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65536, length)));
}

function call(message) {
  const bytes = new TextEncoder().encode(JSON.stringify(message));
  const address = exports.selge_input(bytes.length);
  if (address === 0) throw new Error("the message is too long");
  new Uint8Array(exports.memory.buffer, address, bytes.length).set(bytes);
  const answer = exports.selge_call();
  return JSON.parse(new TextDecoder().decode(new Uint8Array(exports.memory.buffer, answer, exports.selge_length())));
}

const toBytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

function toBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}

/** Asks the board over gRPC-Web. */
async function heard({ service, method, body }) {
  question = new AbortController();
  const timer = setTimeout(() => question.abort(new Error("no answer came in time")), ANSWER_MS);
  try {
    const response = await fetch(`${board}/selge.v1.${service}/${method}`, {
      method: "POST",
      headers: { "content-type": "application/grpc-web+proto", "x-grpc-web": "1" },
      body: toBytes(body),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: question.signal,
    });
    const header = (name) => response.headers.get(name);
    return {
      http: response.status,
      status: header("grpc-status"),
      message: header("grpc-message"),
      details: header("grpc-status-details-bin"),
      body: toBase64(new Uint8Array(await response.arrayBuffer())),
    };
  } catch (error) {
    return { lost: String(error?.message ?? error) };
  } finally {
    clearTimeout(timer);
  }
}

async function answer(id, ask) {
  let answer = call(ask);
  while (answer.ask) {
    if (stopped.has(id)) {
      // Takes the place of what was going on: its keys are wiped.
      call({ op: "unlisten" });
      return { problem: { name: "check-gone", detail: "this device has stopped waiting" } };
    }
    if (answer.ask.tell) self.postMessage({ id, tell: answer.ask.tell });
    const said = await heard(answer.ask);
    if (!stopped.has(id)) answer = call({ op: "heard", ...said });
  }
  return answer;
}

async function handle({ id, module, board: address, ask }) {
  try {
    if (module) {
      board = address;
      exports = (await WebAssembly.instantiate(module, { selge: { random } })).instance.exports;
      self.postMessage({ id, done: {} });
    } else {
      self.postMessage({ id, ...(await answer(id, ask)) });
    }
  } catch (error) {
    self.postMessage({ id, problem: { name: "internal", detail: String(error?.message ?? error) } });
  }
}

self.onmessage = ({ data }) => {
  if (data.stop) {
    stopped.add(data.stop);
    question?.abort();
  } else {
    busy = busy.then(() => handle(data));
  }
};
