// The election behind the page, and what lies between the page and it.

import { spawn } from "node:child_process";
import http from "node:http";
import { createInterface } from "node:readline";
import { program, root } from "./suite.mjs";

/** The page that `make web` has made. */
export const built = process.env.SELGE_PAGE ?? `${root}target/page`;

/** Starts an election with a page; `tell` sends it a line and gives its answer. */
export async function stage(voters, page = built) {
  const child = spawn(program("page"), ["--page", page, "--voters", voters.join(",")], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const hear = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("the election ended early; its words are above");
    const answer = JSON.parse(value);
    if (answer.error) throw new Error(answer.error);
    return answer;
  };
  const first = await hear();
  const tell = async (line) => { child.stdin.write(`${line}\n`); return hear(); };
  const end = () => new Promise((resolve) => { child.once("exit", resolve); child.stdin.end(); });
  return { ...first, tell, end };
}

/** A way to the collector at one address, whatever the collector's own is, that can be made bad: `mode` is a function from a
 * request to "pass", "drop" or "lose" (the collector gets it, and the answer is lost), `change` alters bodies by path. */
export async function way(board) {
  const self = { target: new URL(board), mode: () => "pass", change: new Map(), seen: [] };
  const server = http.createServer((request, response) => {
    const verdict = self.mode(request);
    self.seen.push(`${request.method} ${request.url}`);
    if (verdict === "drop") { request.socket.destroy(); return; }
    const { hostname, port } = self.target;
    const out = http.request({ hostname, port, method: request.method, path: request.url, headers: { ...request.headers, host: self.target.host, ...(self.change.size ? { "accept-encoding": "identity" } : {}) } }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("error", () => request.socket.destroy());
      answer.on("end", () => {
        if (verdict === "lose") { request.socket.destroy(); return; }
        let body = Buffer.concat(parts);
        for (const [pattern, alter] of self.change) if (pattern.test(request.url)) body = alter(body);
        const { "content-length": _, "transfer-encoding": __, connection: ___, ...headers } = answer.headers;
        response.writeHead(answer.statusCode, { ...headers, "content-length": body.length });
        response.end(request.method === "HEAD" ? undefined : body);
      });
    });
    out.on("error", () => request.socket.destroy());
    request.pipe(out);
  });
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  self.url = `http://127.0.0.1:${server.address().port}`;
  self.close = () => { server.closeAllConnections(); return new Promise((resolve) => { server.close(resolve); }); };
  return self;
}
