// A server of plain files, as anybody runs one; `change` alters a file's bytes by path, `open` lets other pages read.

import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import http from "node:http";
import { join, normalize } from "node:path";

/** Serves folders, by the first part of the path. */
export async function still(folders, { open = false } = {}) {
  const self = { change: new Map(), asked: [] };
  const server = http.createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://here").pathname));
    self.asked.push(path);
    const [, top, ...rest] = path.split("/");
    const folder = Object.hasOwn(folders, top) ? folders[top] : undefined;
    const file = folder && join(folder, ...rest, path.endsWith("/") ? "index.html" : "");
    const headers = { "content-type": path.endsWith("/") || path.endsWith(".html") ? "text/html; charset=utf-8" : "application/octet-stream", ...(open ? { "access-control-allow-origin": "*" } : {}) };
    if (!file || !existsSync(file) || !statSync(file).isFile()) { response.writeHead(404, headers); response.end(); return; }
    const change = self.change.get(path);
    if (change) { response.writeHead(200, headers); response.end(change(readFileSync(file))); return; }
    response.writeHead(200, { ...headers, "content-length": statSync(file).size });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  self.url = `http://127.0.0.1:${server.address().port}`;
  self.close = () => { server.closeAllConnections(); return new Promise((resolve) => { server.close(resolve); }); };
  return self;
}
