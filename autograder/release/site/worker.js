// Python in a worker of the page. It answers one message at a time; the page ends it when it does not answer.
"use strict";

const WORK = "/course";
const MAX_PAGES = (512 << 20) / 65536; // of 64 KiB: beyond it Python raises MemoryError, and the page stays alive
const MAX_FILES = 64 << 20; // bytes that one action may write into files, which lie outside of that memory
const NO_SPACE = 51; // what Python is told then, by Emscripten's number
// Student code can reach JavaScript. It finds there no network, nothing that is stored and no other worker: the account
// that the student has on this host, what the page keeps and what it shows are none of its business.
const DOORS = `BackgroundFetchManager BroadcastChannel Cache CacheStorage EventSource FontFace IDBFactory Notification
  PushManager RTCPeerConnection SharedWorker StorageManager WebSocket WebSocketStream WebTransport Worker XMLHttpRequest
  caches fetch fonts importScripts indexedDB navigator postMessage webkitRequestFileSystem webkitRequestFileSystemSync
  webkitResolveLocalFileSystemSyncURL webkitResolveLocalFileSystemURL`.split(/\s+/);

let python = null;
let desk = null;
let PythonError = null; // kept, since nothing can be asked of a Python that has exited
let unserved = null; // the last file of the runtime that was not to be had
let written = -Infinity; // counted while student code runs; what is loaded is of any size

const { apply } = Reflect;
const { grow } = WebAssembly.Memory.prototype;
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength / 65536 + pages > MAX_PAGES) throw new RangeError("no more memory for this page");
  return apply(grow, this, [pages]);
};

const post = self.postMessage.bind(self);
const tell = (kind, more = {}) => post({ kind, ...more });

async function hashOf(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256-${btoa(String.fromCharCode(...digest))}`;
}

/** From now on only files of the runtime are fetched: held to their hashes, and kept for a visit without a network. */
async function keepRuntime({ base, files, name }, fail) {
  const plain = self.fetch.bind(self);
  const kept = self.caches ? await caches.open(name).catch(() => null) : null;
  let loaded = 0;
  const bytesOf = async (url, { integrity }) => {
    const found = kept ? await kept.match(url) : null;
    const bytes = found && (await found.arrayBuffer());
    if (found && (await hashOf(bytes)) === integrity) return bytes;
    const answer = await plain(url, { integrity, credentials: "omit" }).catch(() => null);
    if (!answer?.ok) throw new Unserved(`${url} is not to be had, or is not the file that was tested`);
    if (kept) await kept.put(url, answer.clone()).catch(() => null); // no room: it is fetched again next time
    return answer.arrayBuffer();
  };
  self.fetch = async (input) => {
    const url = String(input.url ?? input); // text, a URL or a request
    const file = url.startsWith(base) && Object.hasOwn(files, url.slice(base.length)) && files[url.slice(base.length)];
    if (!file) throw new TypeError(`${url} is not a part of the runtime that was tested`);
    const bytes = await bytesOf(url, file).catch(fail);
    loaded += file.bytes;
    tell("loading", { loaded });
    const type = url.endsWith(".wasm") ? "application/wasm" : "application/octet-stream"; // whatever the server says
    return new Response(bytes, { headers: { "content-type": type } });
  };
}

class Unserved extends Error {}
self.addEventListener("unhandledrejection", (event) => event.reason instanceof Unserved && event.preventDefault()); // said elsewhere

/** Load packages; of one that is not to be had Python itself says nothing. */
async function load(packages) {
  unserved = null;
  const quiet = () => null;
  await python.loadPackage(packages, { messageCallback: quiet, errorCallback: quiet });
  if (unserved) throw unserved;
}

/** A file of the site as the page was made with it. */
async function archive({ url, integrity }) {
  const answer = await fetch(url, { integrity });
  if (!answer.ok) throw new TypeError(`${url}: ${answer.status}`);
  return answer.arrayBuffer();
}

function closeDoors() {
  const { fetch } = self;
  for (const name of DOORS) for (let place = self; place; place = Object.getPrototypeOf(place)) delete place[name];
  self.fetch = fetch;
}

/** What student code writes into files is counted; what is beyond the bound finds the disk full. */
function boundFiles({ ErrnoError, filesystems: { MEMFS } }) {
  const { node, stream } = MEMFS.ops_table.file;
  const count = (size) => {
    written += size;
    if (written > MAX_FILES) throw new ErrnoError(NO_SPACE);
  };
  const [write, allocate, setattr] = [stream.write, stream.allocate, node.setattr];
  stream.write = (file, bytes, offset, length, ...rest) => (count(length), write(file, bytes, offset, length, ...rest));
  stream.allocate = (file, offset, length) => (count(offset + length), allocate(file, offset, length));
  node.setattr = (file, attributes) => (count(attributes.size ?? 0), setattr(file, attributes));
}

async function script(url) {
  const source = URL.createObjectURL(new Blob([await (await self.fetch(url)).text()], { type: "text/javascript" }));
  importScripts(source);
  URL.revokeObjectURL(source);
}

/** Python, ready for the first check. Where a file of its runtime is not to be had, it waits for ever: this does not. */
async function start(told) {
  await new Promise((resolve, reject) => {
    const fail = (problem) => {
      unserved = problem;
      reject(problem);
      throw problem;
    };
    begin(told, fail).then(resolve, reject);
  });
}

async function begin({ runtime, packages, archives }, fail) {
  const [own, ...wheels] = await Promise.all(archives.map(archive));
  await keepRuntime(runtime, fail);
  await script(`${runtime.base}pyodide.js`);
  await script(`${runtime.base}pyodide.asm.js`); // here already when Python asks for it
  const quiet = () => null;
  python = await loadPyodide({ indexURL: runtime.base, stdin: quiet, stdout: quiet, stderr: quiet });
  await load(packages);
  python.unpackArchive(own, "zip", { extractDir: "/" });
  for (const wheel of wheels) python.unpackArchive(wheel, "zip", { extractDir: "/package" });
  python.FS.mkdirTree(WORK);
  python.runPython(`import os, sys; sys.path.insert(0, "/package"); os.chdir("${WORK}")`);
  PythonError = python.ffi.PythonError;
  desk = python.pyimport("autograder.student.page").Desk;
  boundFiles(python.FS);
  closeDoors();
  tell("ready");
}

function put(files) {
  for (const [path, text] of Object.entries(files)) {
    const whole = `${WORK}/${path}`;
    python.FS.mkdirTree(whole.slice(0, whole.lastIndexOf("/")));
    python.FS.writeFile(whole, text);
  }
  written = 0;
}

const actions = {
  check({ entries, files, name, lost }) {
    put(files);
    tell("told", { told: JSON.parse(desk.of(WORK, entries).check(name, lost, (check) => tell("begins", { check }))) });
  },
  async frames({ entries, files, name, packages }) {
    await load(packages);
    tell("drawing");
    put(files);
    const drawn = desk.of(WORK, entries).frames(name);
    tell("framed", { frames: drawn.toJs() });
    drawn.destroy();
  },
  async picture({ entries, files, name, packages }) {
    await load(packages);
    tell("drawing");
    put(files);
    const drawn = desk.of(WORK, entries).picture(name);
    tell("drawn", { png: drawn.toJs() });
    drawn.destroy();
  },
};

self.onmessage = async ({ data }) => {
  written = -Infinity;
  try {
    if (data.kind === "start") await start(data);
    else await actions[data.kind](data);
  } catch (problem) {
    // An error of Python's that is no more than that leaves it alive; whatever else ended it.
    const said = String(problem && problem.message ? problem.message : problem);
    const isAlive = problem instanceof Unserved || (PythonError !== null && problem instanceof PythonError);
    tell(data.kind === "start" ? "unstarted" : isAlive ? "failed" : "died", { said });
  }
};
