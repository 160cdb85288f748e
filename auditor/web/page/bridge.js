// Calls a module in WebAssembly: a document in JSON and bytes go in, the same comes out (auditor/web/src/message.rs). The page
// and its workers both begin with this file.
"use strict";

/** Runs a module; `host` are the functions that it imports besides randomness. */
async function instance(module, host) {
  let memory;
  const imports = {
    random(address, length) {
      const bytes = new Uint8Array(memory.buffer, address, length);
      // The browser gives at most 65,536 bytes at a time.
      for (let at = 0; at < length; at += 65536) crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65536, length)));
    },
    ...host((address, length) => new Uint8Array(memory.buffer, address, length)),
  };
  const { exports } = await WebAssembly.instantiate(module, { selge: imports });
  memory = exports.memory;
  return (ask, blob = new Uint8Array()) => {
    const document = new TextEncoder().encode(JSON.stringify(ask));
    const length = 4 + document.length + blob.length;
    const address = exports.selge_input(length);
    if (address === 0) throw new Error("the message is too long");
    const message = new Uint8Array(memory.buffer, address, length);
    new DataView(message.buffer, address).setUint32(0, document.length);
    message.set(document, 4);
    message.set(blob, 4 + document.length);
    const at = exports.selge_call();
    const answer = new Uint8Array(memory.buffer, at, exports.selge_length());
    const end = 4 + new DataView(memory.buffer, at).getUint32(0);
    const { blobs, ...fields } = JSON.parse(new TextDecoder().decode(answer.subarray(4, end)));
    let from = end;
    // Copies: what is behind them is overwritten by the next call.
    return { ...fields, blobs: blobs.map((size) => answer.slice(from, from += size)) };
  };
}

/** What a module gets that reads no files and tells nothing. */
const alone = () => ({ size: () => -1, read: () => 0, now: () => performance.now(), tell: () => {} });
