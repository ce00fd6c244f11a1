// Python in a worker of the page. It answers one message at a time; the page ends it when it does not answer.
"use strict";

const WORK = "/course";
const MAX_PAGES = (512 << 20) / 65536; // of 64 KiB: beyond it Python raises MemoryError, and the page stays alive

let python = null;
let desk = null;
let PythonError = null; // kept, since nothing can be asked of a Python that has exited

const grow = WebAssembly.Memory.prototype.grow;
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength / 65536 + pages > MAX_PAGES) throw new RangeError("no more memory for this page");
  return grow.call(this, pages);
};

const tell = (kind, more = {}) => self.postMessage({ kind, ...more });

/** Files of the runtime are checked against their hashes and kept, so that the next visit needs no network. */
function keepRuntime({ base, files, name }) {
  const plain = self.fetch.bind(self);
  let loaded = 0;
  self.fetch = async (input, init = {}) => {
    const url = String(input.url ?? input); // text, a URL or a request
    if (!url.startsWith(base)) return plain(input, init);
    const file = files[url.slice(base.length)];
    if (!file) throw new TypeError(`${url} is not a part of the runtime that was tested`);
    const kept = self.caches ? await caches.open(name) : null;
    let answer = kept ? await kept.match(url) : null;
    if (!answer) {
      answer = await plain(url, { integrity: file.integrity, credentials: "omit" });
      if (!answer.ok) throw new TypeError(`${url}: ${answer.status}`);
      if (kept) await kept.put(url, answer.clone()).catch(() => null); // no room: it is fetched again next time
    }
    loaded += file.bytes;
    tell("loading", { loaded });
    return answer;
  };
}

async function script(url) {
  const source = URL.createObjectURL(new Blob([await (await self.fetch(url)).text()], { type: "text/javascript" }));
  importScripts(source);
  URL.revokeObjectURL(source);
}

async function start({ runtime, packages, archives: [archive, ...wheels] }) {
  keepRuntime(runtime);
  await script(`${runtime.base}pyodide.js`);
  await script(`${runtime.base}pyodide.asm.js`); // here already when Python asks for it
  const quiet = () => null;
  python = await loadPyodide({ indexURL: runtime.base, stdin: quiet, stdout: quiet, stderr: quiet });
  await python.loadPackage(packages, { messageCallback: quiet });
  const zip = await (await self.fetch(archive)).arrayBuffer();
  python.unpackArchive(zip, "zip", { extractDir: "/" });
  for (const wheel of wheels) {
    python.unpackArchive(await (await self.fetch(wheel)).arrayBuffer(), "zip", { extractDir: "/package" });
  }
  python.FS.mkdirTree(WORK);
  python.runPython(`import os, sys; sys.path.insert(0, "/package"); os.chdir("${WORK}")`);
  PythonError = python.ffi.PythonError;
  desk = python.pyimport("autograder.student.page").Desk;
  tell("ready");
}

function put(files) {
  for (const [path, text] of Object.entries(files)) {
    const whole = `${WORK}/${path}`;
    python.FS.mkdirTree(whole.slice(0, whole.lastIndexOf("/")));
    python.FS.writeFile(whole, text);
  }
}

const actions = {
  check({ entries, files, name, lost }) {
    put(files);
    tell("told", { told: JSON.parse(desk.of(WORK, entries).check(name, lost, (check) => tell("begins", { check }))) });
  },
  async frames({ entries, files, name, packages }) {
    await python.loadPackage(packages, { messageCallback: () => null });
    tell("drawing");
    put(files);
    const drawn = desk.of(WORK, entries).frames(name);
    tell("framed", { frames: drawn.toJs() });
    drawn.destroy();
  },
  async picture({ entries, files, name, packages }) {
    await python.loadPackage(packages, { messageCallback: () => null });
    tell("drawing");
    put(files);
    const drawn = desk.of(WORK, entries).picture(name);
    tell("drawn", { png: drawn.toJs() });
    drawn.destroy();
  },
};

self.onmessage = async ({ data }) => {
  try {
    if (data.kind === "start") await start(data);
    else await actions[data.kind](data);
  } catch (problem) {
    // An error of Python's that is no more than that leaves it alive; whatever else ended it.
    const said = String(problem && problem.message ? problem.message : problem);
    const isPythons = PythonError !== null && problem instanceof PythonError;
    tell(isPythons ? "failed" : data.kind === "start" ? "unstarted" : "died", { said });
  }
};
