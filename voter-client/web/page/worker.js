// Runs the WebAssembly module: everything secret of a vote stays in here. One file without imports, so that the page can
// compare all of it with its digest before it runs.
"use strict";

/** Longest wait for one answer of the board. */
const ANSWER_MS = 30000;

let exports;
let board;
// One message at a time: the next waits for the one before.
let busy = Promise.resolve();

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
  try {
    const response = await fetch(`${board}/selge.v1.${service}/${method}`, {
      method: "POST",
      headers: { "content-type": "application/grpc-web+proto", "x-grpc-web": "1" },
      body: toBytes(body),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(ANSWER_MS),
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
  }
}

async function answer(id, ask) {
  let answer = call(ask);
  while (answer.ask) {
    if (answer.ask.tell) self.postMessage({ id, tell: answer.ask.tell });
    answer = call({ op: "heard", ...(await heard(answer.ask)) });
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

self.onmessage = ({ data }) => { busy = busy.then(() => handle(data)); };
