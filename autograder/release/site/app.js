// The pages of a course in a browser: what is kept, what is checked, what is handed in. No framework, no network but
// for this site's own files and Python.
"use strict";

const $ = (id) => document.getElementById(id);
const dataOf = (id) => ($(id) ? JSON.parse($(id).textContent) : null);
const SITE = dataOf("site");
const EXERCISE = dataOf("exercise");

/** An element with its attributes and children; text is text, never markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A hint's text: `code` and *stress* as they are meant, all else as it stands. */
function inline(text) {
  return text.split(/(`[^`]+`|\*[^*\s][^*]*\*)/).map((part) => {
    if (/^`.+`$/.test(part)) return make("code", {}, part.slice(1, -1));
    return /^\*.+\*$/.test(part) ? make("em", {}, part.slice(1, -1)) : part;
  });
}

// --- what is kept -----------------------------------------------------------------------------------------------

/** A student's work on one exercise, in this browser. Every write looks first whether another tab was faster. */
class Kept {
  constructor(id, stub) {
    this.key = `${SITE.course}/${id}`;
    this.stub = stub;
    this.seen = this.read().revision;
  }

  read() {
    try {
      return asWork(JSON.parse(localStorage.getItem(this.key)));
    } catch {
      return asWork(null);
    }
  }

  /** "" when it is kept; else why not: "tab" (another tab wrote since), or "full" (no room, or nothing is kept here). */
  write(changes) {
    const now = this.read();
    if (now.revision !== this.seen && now.revision) return "tab"; // 0: what was kept has been cleared away
    const next = { ...now, ...changes, stub: this.stub, revision: now.revision + 1, saved: new Date().toISOString() };
    try {
      localStorage.setItem(this.key, JSON.stringify(next));
    } catch {
      return "full";
    }
    this.seen = next.revision;
    return "";
  }

  /** Take what another tab wrote as known. */
  catchUp() {
    this.seen = this.read().revision;
  }
}

/** What was stored or saved, as far as it is what work looks like: others write there too. */
function asWork(found) {
  const { code, done, state, hints, stub, revision } = Object(found);
  const text = (value) => (typeof value === "string" ? value : undefined);
  const counts = Object.entries(Object(hints)).filter(([, count]) => Number.isInteger(count));
  const work = { done: done === true, hints: Object.fromEntries(counts), revision: Number.isInteger(revision) ? revision : 0 };
  return { ...work, code: text(code), state: text(state), stub: text(stub) };
}

const workOf = (id) => new Kept(id, "").read();

function doneOf(assignment) {
  return assignment.exercises.filter(({ id }) => workOf(id).done).length;
}

// --- zips ---------------------------------------------------------------------------------------------------------

const CRC = Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Members as they are, in this order: byte for byte what `autograder submit` writes. */
function zip(members) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const [name, text] of members) {
    const path = new TextEncoder().encode(name);
    const bytes = new TextEncoder().encode(text);
    const common = [20, 0, 0, 0, 0x21, crc32(bytes), bytes.length, bytes.length, path.length, 0];
    const fields = "2222244422";
    parts.push(little("4" + fields, [0x04034b50, ...common]), path, bytes);
    const rest = [0, 0, 0, 0o644 << 16, offset];
    directory.push(little("42" + fields + "22244", [0x02014b50, 0x0314, ...common, ...rest]), path);
    offset += 30 + path.length + bytes.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = little("42222442", [0x06054b50, 0, 0, members.length, members.length, size, offset, 0]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

function little(sizes, values) {
  const bytes = new Uint8Array([...sizes].reduce((sum, size) => sum + Number(size), 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  [...sizes].forEach((size, i) => {
    if (size === "2") view.setUint16(at, values[i], true);
    else view.setUint32(at, values[i], true);
    at += Number(size);
  });
  return bytes;
}

const MAX_OPENED = 64 << 20; // bytes of a file that is opened
const PIECE = 4096; // bytes that are unpacked at once: a thousand times as many may come of them
const EXERCISES = SITE.assignments.flatMap(({ exercises }) => exercises);

/** Which of the course's modules a file is, by its name as browsers and people change it; undefined: none. */
function moduleOf(path) {
  const slug = path.split("/").pop().replace(/(-\d+| ?\(\d+\))?\.py$/, "");
  return path.endsWith(".py") ? EXERCISES.find((known) => known.slug === slug) : undefined;
}

/** The course's modules in a zip: [slug, text]. Throws an Error that says what is wrong with it. */
async function unzip(file) {
  const buffer = await file.arrayBuffer();
  const members = new Map();
  try {
    for (const member of directoryOf(new DataView(buffer))) {
      const known = moduleOf(member.name);
      const isInPlace = known && member.name.endsWith(`${known.id}/${known.slug}.py`);
      if (known && (isInPlace || !members.has(known.slug))) members.set(known.slug, member);
    }
  } catch (problem) {
    throw problem instanceof RangeError ? new Error(`${file.name} is damaged`) : problem;
  }
  const texts = [];
  for (const [slug, member] of members) texts.push([slug, await textOf(member, buffer).catch((problem) => unreadable(member, problem))]);
  return texts;
}

function unreadable({ name }, problem) {
  throw new Error(`${name} cannot be read: ${problem.message}`);
}

/** What the directory at a zip's end tells. RangeError: it points out of the file. */
function* directoryOf(view) {
  let end = view.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw new Error("this is no zip");
  let at = view.getUint32(end + 16, true);
  for (let i = view.getUint16(end + 10, true); i > 0; i--) {
    const method = view.getUint16(at + 10, true);
    const packed = view.getUint32(at + 20, true);
    const [nameSize, extra, comment] = [28, 30, 32].map((place) => view.getUint16(at + place, true));
    const name = new TextDecoder().decode(new Uint8Array(view.buffer, at + 46, nameSize));
    const local = view.getUint32(at + 42, true);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (start + packed > view.byteLength) throw new RangeError();
    yield { name, method, start, packed };
    at += 46 + nameSize + extra + comment;
  }
}

/** A member's text. It is as large as it turns out to be, whatever the directory says of it. */
async function textOf({ method, start, packed }, buffer) {
  if (![0, 8].includes(method)) throw new Error("it is packed in a way that is not known here");
  let at = 0;
  const pull = (to) => {
    if (at >= packed) return to.close();
    to.enqueue(new Uint8Array(buffer, start + at, Math.min(PIECE, packed - at)));
    at += PIECE;
  };
  let stream = new ReadableStream({ pull });
  if (method === 8) stream = stream.pipeThrough(new DecompressionStream("deflate-raw"));
  const reader = stream.getReader();
  const parts = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    size += part.value.length;
    if (size > SITE.max_module) {
      reader.cancel().catch(() => null);
      throw new Error(`it has more than ${SITE.max_module} bytes`);
    }
  }
  return new Blob(parts).text();
}

/** The course's modules in files that a student chose, by slug. */
async function modulesIn(files) {
  const found = new Map();
  for (const file of files) {
    const isZip = file.name.toLowerCase().endsWith(".zip");
    if (file.size > (isZip ? MAX_OPENED : SITE.max_module)) throw new Error(`${file.name} is too large`);
    const known = moduleOf(file.name);
    const members = isZip ? await unzip(file) : known ? [[known.slug, await file.text()]] : [];
    for (const [slug, text] of members) found.set(slug, text.replace(/\r\n?/g, "\n").replace(/^\ufeff/, ""));
  }
  return found;
}

function download(name, blob) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function stubOf(id) {
  if (EXERCISE && EXERCISE.id === id) return EXERCISE.stub;
  const answer = await fetch(`stubs/${id}.py`);
  if (!answer.ok) throw new Error(`stubs/${id}.py: ${answer.status}`);
  return answer.text();
}

/**
 * One assignment's modules as `autograder submit` packs them; what was not touched is as it was released.
 * shown: what stands in the page, by exercise: it may not be kept.
 */
async function handIn(assignment, shown = {}) {
  const members = [];
  for (const { id, slug } of assignment.exercises) {
    members.push([`exercises/${id}/${slug}.py`, shown[id] ?? workOf(id).code ?? (await stubOf(id))]);
  }
  download(`${assignment.id}.zip`, zip(members));
}

// --- Python -------------------------------------------------------------------------------------------------------

/** A part of the site as this page was made with it: never of another release. */
async function partOf({ path, integrity }) {
  const answer = await fetch(path, { integrity }).catch(() => null);
  if (!answer?.ok) throw new Error(`${path} is not to be had`);
  return answer;
}

/** One worker with Python in it, and what it says. `problem`: why it does not work, or no longer. */
class Worker_ {
  constructor(told) {
    this.told = told;
    this.problem = this.worker = null;
    this.isReady = false;
    this.ready = this.start();
    this.ready.catch((problem) => (this.problem = problem));
  }

  async start() {
    const source = new Blob([await (await partOf(SITE.worker)).text()], { type: "text/javascript" });
    if (this.problem) throw this.problem;
    const url = URL.createObjectURL(source); // so that the page's security policy holds there too
    this.worker = new Worker(url);
    const ready = new Promise((resolve, reject) => {
      this.worker.addEventListener("message", ({ data }) => {
        if (data.kind === "ready") resolve();
        else if (data.kind === "unstarted") reject(new Error(lastLine(data.said)));
        else this.heard(data);
      });
      this.worker.addEventListener("error", (event) => {
        reject(new Error(event.message || "it could not be loaded"));
        this.heard({ kind: "died" });
      });
    });
    const whole = (path) => new URL(path, location.href).href;
    const runtime = { ...SITE.runtime, base: whole(SITE.runtime.base) };
    const archives = SITE.archives.map(({ path, integrity }) => ({ url: whole(path), integrity }));
    this.worker.postMessage({ kind: "start", runtime, packages: ["numpy"], archives });
    await ready;
    URL.revokeObjectURL(url);
    this.isReady = true;
  }

  heard(data) {
    if (data.kind === "died") this.problem = new Error("Python ended");
    this.told(data);
  }

  end() {
    this.worker?.terminate();
    this.problem = new Error("Python was ended");
    this.told = () => null;
  }
}

/** Runs checks; a worker that does not answer is ended, and the next one stands ready. */
class Python {
  constructor(loading) {
    this.loading = loading;
    this.current = this.start();
    this.spare = null;
    this.current.ready.then(() => (this.spare ??= this.start())).catch(() => null);
  }

  start() {
    const worker = new Worker_(() => null);
    worker.told = (data) => data.kind === "loading" && this.loading(data.loaded);
    return worker;
  }

  replace() {
    this.current.end();
    this.current = this.spare ?? this.start();
    this.spare = null;
    this.current.ready.then(() => (this.spare ??= this.start())).catch(() => null);
  }

  /**
   * Send a message: {told}, {png} or {failed}; {lost: seconds, or null where it ended by itself, at: check}, null where
   * no check had begun: something that an earlier text left behind kept it busy.
   */
  async ask(message, seconds, begins = () => null) {
    if (this.current.problem) this.replace();
    const worker = this.current;
    const stopped = new Promise((resolve) => (this.stop = () => resolve(true)));
    if (await Promise.race([worker.ready, stopped])) return { stopped: true };
    return new Promise((resolve) => {
      let timer = null;
      let at = null;
      const over = (answer) => {
        clearTimeout(timer);
        this.stop = () => null;
        worker.told = () => null;
        resolve(answer);
      };
      const lose = (lost) => {
        this.replace();
        over({ lost, at });
      };
      const wait = (isFirst = true) => {
        clearTimeout(timer);
        const due = Date.now() + seconds * 1000;
        // Far too late, page and worker slept: the worker gets its time once more.
        timer = setTimeout(() => (isFirst && Date.now() - due > LATE ? wait(false) : lose(seconds)), seconds * 1000);
      };
      this.stop = () => {
        this.replace();
        over({ stopped: true });
      };
      worker.told = (data) => {
        if (data.kind === "begins") {
          at = data.check;
          begins(at);
          wait();
        } else if (data.kind === "told") over({ told: data.told });
        else if (data.kind === "drawn") over({ png: data.png });
        else if (data.kind === "framed") over({ frames: data.frames });
        else if (data.kind === "failed") over({ failed: data.said });
        else if (data.kind === "died") lose(null);
        else begins(data.kind);
      };
      wait();
      worker.worker.postMessage(message);
    });
  }
}

// --- an exercise's page ---------------------------------------------------------------------------------------------

const MARKS = { passed: "✓", failed: "✗", timeout: "✗", skipped: "·", missing: "·", error: "!" };
const WORDS = { passed: "holds", failed: "does not hold", timeout: "too slow", skipped: "not run", error: "not checked" };
const PAUSE = 1500; // ms without a key: then it is checked by itself, if a check is quick
const QUICK = 1500; // ms that a check took, for it to run by itself
const LOSSES = 2; // workers that one click may cost
const LATE = 2000; // ms by which a timer is late when the machine was asleep, or the page in the background

class ExercisePage {
  constructor(exercise) {
    this.exercise = exercise;
    this.kept = new Kept(exercise.id, exercise.stub_digest);
    const before = this.kept.read();
    this.state = { done: before.done, hints: before.hints };
    this.editor = window.lawgraderEditor($("editor"), {
      text: before.code ?? exercise.stub,
      label: `${exercise.slug}.py, Python`,
      changed: () => this.changed(),
      keys: [{ key: "Mod-s", preventDefault: true, run: () => (this.check(), true) }],
    });
    this.took = Infinity;
    this.busy = this.again = false;
    this.finished = 0;
    this.bind();
    if (before.code !== undefined && before.stub !== exercise.stub_digest) this.tellNewStub();
    this.showHints();
    this.startPython();
  }

  bind() {
    const on = (id, action) => $(id).addEventListener("click", action);
    on("check", () => this.check());
    on("stop", () => this.python && this.python.stop && this.python.stop());
    on("hint", () => this.hint());
    on("draw", () => this.draw());
    on("steps", () => this.steps());
    on("play", () => this.play());
    $("frame").addEventListener("input", () => this.showFrame());
    on("undo", () => this.editor.undo());
    on("reset", () => this.reset());
    on("zip", () => this.guarded(() => this.handIn()));
    on("open", () => $("file").click());
    $("file").addEventListener("change", () => this.guarded(() => this.open([...$("file").files])));
    window.addEventListener("storage", (event) => event.key === this.kept.key && this.otherTab());
    document.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s" || event.defaultPrevented) return;
      event.preventDefault(); // outside of the editor, which has the key itself
      this.check();
    });
  }

  handIn() {
    const { id, assignment } = this.exercise;
    const mine = SITE.assignments.find((known) => known.id === assignment);
    return handIn(mine, { [id]: this.editor.text() });
  }

  async guarded(action) {
    try {
      await action();
    } catch (problem) {
      this.say(`That did not work: ${problem.message}`);
    }
  }

  say(text) {
    $("status").textContent = text;
  }

  notice(id, text, ...buttons) {
    $(id)?.remove();
    const actions = buttons.map(([label, action]) => make("button", { type: "button", onclick: action }, label));
    $("notices").append(make("div", { id, class: "notice" }, make("p", {}, text), ...actions));
  }

  changed() {
    clearTimeout(this.pause);
    this.editor.markLine(null);
    if (!this.replacing) this.keep({ code: this.editor.text(), done: false });
    if (this.took < QUICK && !this.busy) this.pause = setTimeout(() => this.check(), PAUSE);
  }

  keep(changes) {
    const problem = this.kept.write(changes);
    if (problem === "tab") this.otherTab();
    else if (problem === "full")
      this.notice(
        "unkept",
        "This browser keeps nothing for this page: its storage is full, or the window is private. Download your zip before you close it.",
      );
    else $("unkept")?.remove();
    showProgress();
  }

  otherTab() {
    const { revision, code = this.exercise.stub } = this.kept.read();
    if (!revision || revision === this.kept.seen) return;
    if (code === this.editor.text()) return this.kept.catchUp();
    this.notice(
      "tabs",
      "This exercise was changed in another tab. Nothing was overwritten: which of the two do you want to go on with?",
      ["The other tab's", () => this.settle(code)],
      ["This one's", () => this.settle(this.editor.text())],
    );
  }

  settle(code) {
    $("tabs")?.remove();
    this.kept.catchUp();
    this.put(code);
    this.keep({ code, done: false });
  }

  put(code) {
    this.replacing = true;
    this.editor.replace(code);
    this.replacing = false;
  }

  tellNewStub() {
    this.notice(
      "stub",
      "The exercise has changed since you began it. Your code stays as it is; Reset takes the new file instead.",
      ["I have seen it", () => ($("stub").remove(), this.keep({}))],
    );
  }

  reset() {
    const before = this.editor.text();
    if (before === this.exercise.stub) return this.say("It is as it was released.");
    this.editor.replace(this.exercise.stub);
    this.notice("reset-done", "Your code was taken away.", ["Give it back", () => ($("reset-done").remove(), this.editor.replace(before))]);
  }

  async open(files) {
    const modules = await modulesIn(files);
    const mine = modules.get(this.exercise.slug);
    $("file").value = "";
    if (mine === undefined) throw new Error(`there is no ${this.exercise.slug}.py in it`);
    this.editor.replace(mine);
    const others = modules.size > 1 ? ` Of the ${modules.size} modules in it only this one: the first page opens all.` : "";
    this.say(`${this.exercise.slug}.py was opened; Undo takes it back.${others}`);
  }

  // -- Python

  startPython() {
    if (location.protocol === "file:") {
      this.say("Checks need a web server: this page was opened as a file. In its folder, `python3 -m http.server` is one.");
      $("loading").hidden = true;
      return;
    }
    $("loading").max = SITE.runtime.bytes;
    this.python = new Python((loaded) => ($("loading").value = Math.max($("loading").value, loaded)));
    this.python.current.ready.then(
      () => {
        $("loading").hidden = true;
        if (!this.busy) this.say("Ready. Check runs what you can see; more is checked when it is graded.");
      },
      (problem) => this.say(`Python could not be loaded: ${problem.message}. Are you on the network? Reload the page to try again.`),
    );
    this.say("Python is loading. You can read and write meanwhile.");
  }

  async files() {
    const { id, slug, checks, picture, hints_file, uses } = this.exercise;
    const here = `exercises/${id}`;
    const parts = { [`${slug}.py`]: this.editor.text(), [`test_${slug}.py`]: checks, "picture.py": picture, "HINTS.md": hints_file };
    const files = Object.fromEntries(Object.entries(parts).map(([name, text]) => [`${here}/${name}`, text]));
    for (const used of uses) files[`exercises/${used.id}/${used.slug}.py`] = await this.used(used);
    return files;
  }

  /** The student's own module; of an earlier assignment only where its checks hold, else what the course gives. */
  async used({ id, assignment, stub, earlier }) {
    const work = workOf(id);
    if (assignment === this.exercise.assignment || work.done || earlier === null) return work.code ?? stub;
    const answer = await fetch(earlier);
    return answer.ok ? answer.text() : (work.code ?? stub);
  }

  async message(kind, more = {}) {
    const files = await this.files();
    return { kind, entries: JSON.stringify(this.exercise.entries), files, name: this.exercise.id, ...more };
  }

  async check() {
    if (!this.python) return;
    if (this.busy) {
      this.again = true; // what runs may be of an older text
      return;
    }
    this.again = false;
    clearTimeout(this.pause);
    const began = performance.now();
    const seconds = this.exercise.seconds;
    this.work(this.python.current.isReady ? "Checking …" : "Python is loading; then your code is checked.");
    const lost = {};
    let answer = null;
    try {
      for (let tries = 0; tries <= LOSSES; tries++) {
        answer = await this.python.ask(await this.message("check", { lost: JSON.stringify(lost) }), seconds, (law) => {
          if (law) this.say(`Checking: ${this.exercise.laws[law] || law}`);
        });
        if (answer.lost === undefined) break;
        this.say("That did not end. Python starts again …");
        if (answer.at !== null) this.lose(answer, lost, tries === LOSSES - 1);
      }
    } catch (problem) {
      answer = { failed: problem.message };
    }
    this.rest();
    if (this.again) return this.check();
    if (answer.stopped) return this.say("Stopped.");
    if (!answer.told) {
      this.python.current.problem ??= new Error("it may have been changed by what it ran");
      return this.say(`It could not be checked: ${lastLine(answer.failed || "Python ended again and again")}`);
    }
    this.took = performance.now() - began;
    this.show(answer.told);
  }

  /** Note what ended a worker; the last time what comes after it counts as lost too. */
  lose({ at, lost: seconds }, lost, isLast) {
    lost[at] = seconds;
    const names = Object.keys(this.exercise.laws);
    if (isLast && names.includes(at)) for (const name of names.slice(names.indexOf(at))) lost[name] = seconds;
  }

  work(text) {
    this.busy = true;
    $("check").disabled = $("draw").disabled = $("steps").disabled = true;
    $("stop").hidden = false;
    this.say(text);
  }

  rest() {
    this.busy = false;
    this.finished += 1;
    $("check").disabled = $("draw").disabled = $("steps").disabled = false;
    $("stop").hidden = true;
  }

  show(told) {
    this.told = told;
    const report = $("report");
    report.replaceChildren(make("p", { class: told.is_done ? "state done" : "state" }, `${told.state} · ${told.counts}`));
    for (const note of told.notes) report.append(make("p", { class: "note" }, note));
    if (told.message) report.append(make("p", { class: "message" }, told.message));
    const broken = told.laws.filter(({ outcome }) => outcome !== "passed");
    const laws = make("ul", { class: "laws" });
    for (const law of broken) laws.append(this.law(law));
    report.append(laws);
    if (told.prints.length) {
      const again = told.prints_again ? " (a call that fails is made twice)" : "";
      const lines = make("pre", { tabindex: "0" }, told.prints.join("\n"));
      report.append(make("details", { open: true }, make("summary", {}, `Your code printed${again}`), lines));
    }
    const held = make("ul", { class: "laws" }, ...told.laws.filter((law) => !broken.includes(law)).map((law) => this.law(law)));
    report.append(held);
    const next = document.querySelector('nav a[rel="next"]');
    if (told.is_done && next) report.append(make("p", {}, make("a", { href: next.href }, `On to ${next.textContent}`)));
    this.editor.markLine(broken.map(({ line }) => line).find(Boolean) ?? null);
    this.state.done = told.is_done;
    this.keep({ done: told.is_done, state: told.state });
    this.say(told.is_done ? "All public checks hold." : `${broken.length} of ${told.laws.length} checks do not hold yet.`);
  }

  law({ law, outcome, parts }) {
    const details = make("dl");
    for (const [label, text] of parts) details.append(make("div", {}, make("dt", {}, label), make("dd", {}, text)));
    const mark = make("span", { class: `mark ${outcome}`, "aria-hidden": "true" }, MARKS[outcome]);
    const spoken = make("span", { class: "spoken" }, `${WORDS[outcome]}: `);
    return make("li", { class: outcome }, make("p", {}, mark, spoken, law), parts.length ? details : null);
  }

  // -- hints

  /** The task at work, as the last check told; before it the first. */
  task() {
    const { hints } = this.exercise;
    return hints[this.told?.task] ? this.told.task : Object.keys(hints)[0];
  }

  hint() {
    const task = this.task();
    const shown = Math.min((this.state.hints[task] || 0) + 1, this.exercise.hints[task].length);
    this.state.hints[task] = shown;
    this.keep({ hints: this.state.hints });
    this.showHints();
    const left = this.exercise.hints[task].length - shown;
    this.say(`A hint for task ${task}; ${left ? `${left} more` : "that was the last one"}.`);
    $("hints").scrollIntoView({ block: "nearest" });
  }

  showHints() {
    const lists = Object.entries(this.state.hints).map(([task, count]) => {
      const hints = (this.exercise.hints[task] || []).slice(0, count);
      return make("div", {}, make("h3", {}, `Hints for task ${task}`), make("ol", {}, ...hints.map((hint) => make("li", {}, ...inline(hint)))));
    });
    $("hints").replaceChildren(...lists);
  }

  // -- the picture

  /** What was drawn, of one kind or the other; what went wrong is said. */
  async drawn(kind) {
    this.work("The picture: what draws it is loading …");
    let answer;
    try {
      const message = await this.message(kind, { packages: SITE.runtime.pictures });
      answer = await this.python.ask(message, this.exercise.picture_seconds, (kind) => kind === "drawing" && this.say("Drawing …"));
    } catch (problem) {
      answer = { failed: problem.message };
    }
    this.rest();
    if (answer.png || answer.frames) this.say("Drawn by your code.");
    else if (answer.stopped) this.say("Stopped.");
    else this.say(answer.failed ? `It could not be drawn: ${lastLine(answer.failed).replace(/^[\w.]*CourseError: /, "")}` : "The picture took too long, or ended Python.");
    return answer;
  }

  async draw() {
    if (!this.python || this.busy) return;
    const { png } = await this.drawn("picture");
    if (!png) return;
    $("mine").src = imageOf(png);
    $("pictures").hidden = false;
    await $("mine").decode();
    $("pictures").scrollIntoView({ block: "nearest" });
  }

  /** The sampler's steps, to be gone through with a slider; nothing moves by itself. */
  async steps() {
    if (!this.python || this.busy) return;
    const { frames } = await this.drawn("frames");
    if (!frames) return;
    this.frames = frames.map(imageOf);
    $("frame").max = this.frames.length - 1;
    $("frame").value = 0;
    this.showFrame();
    $("film").hidden = false;
    await $("still").decode();
    $("film").scrollIntoView({ block: "nearest" });
  }

  showFrame() {
    const at = Number($("frame").value);
    $("still").src = this.frames[at];
    $("still").alt = `Step ${at + 1} of ${this.frames.length}, drawn by your code`;
  }

  play() {
    clearInterval(this.playing);
    $("frame").value = 0;
    this.showFrame();
    this.playing = setInterval(() => {
      $("frame").stepUp();
      this.showFrame();
      if ($("frame").value === $("frame").max) clearInterval(this.playing);
    }, 400);
  }
}

function imageOf(png) {
  return URL.createObjectURL(new Blob([png], { type: "image/png" }));
}

function lastLine(text) {
  return text.trim().split("\n").pop();
}

// --- all pages ------------------------------------------------------------------------------------------------------

function showProgress() {
  for (const assignment of SITE.assignments) {
    const done = doneOf(assignment);
    const told = `${done} of ${assignment.exercises.length} done`;
    document.querySelectorAll(`[data-progress="${assignment.id}"]`).forEach((element) => (element.textContent = told));
    document.querySelectorAll(`[data-bar="${assignment.id}"]`).forEach((element) => (element.value = done));
    for (const { id } of assignment.exercises) {
      const work = workOf(id);
      const state = work.done ? "checks hold" : work.code === undefined ? "not begun" : work.state || "in work";
      document.querySelectorAll(`[data-state="${id}"]`).forEach((element) => {
        element.textContent = state;
        element.className = work.done ? "state done" : "state";
      });
    }
  }
}

/** The first page: hand in, take all work along, bring it back. */
function startHome() {
  for (const button of document.querySelectorAll("[data-zip]")) {
    const assignment = SITE.assignments.find(({ id }) => id === button.dataset.zip);
    button.addEventListener("click", () => handIn(assignment).catch((problem) => told(`That did not work: ${problem.message}`)));
  }
  const told = (text) => ($("status").textContent = text);
  $("export").addEventListener("click", () => {
    const work = Object.fromEntries(EXERCISES.map(({ id }) => [id, workOf(id)]).filter(([, entry]) => entry.code !== undefined));
    download(`${SITE.course}.json`, new Blob([JSON.stringify({ course: SITE.course, work })], { type: "application/json" }));
  });
  $("import").addEventListener("click", () => $("file").click());
  $("file").addEventListener("change", async () => {
    try {
      told(await bringBack([...$("file").files]));
    } catch (problem) {
      told(`That did not work: ${problem.message}`);
    }
    $("file").value = "";
    showProgress();
  });
}

async function bringBack(files) {
  const found = new Map();
  const isWork = ({ name }) => name.toLowerCase().endsWith(".json");
  for (const file of files.filter(isWork)) for (const [id, entry] of await workIn(file)) found.set(id, entry);
  const modules = await modulesIn(files.filter((file) => !isWork(file)));
  for (const { id, slug } of EXERCISES) if (modules.has(slug)) found.set(id, asWork({ code: modules.get(slug) }));
  const there = [...found].filter(([id, { code }]) => code !== undefined && EXERCISES.some((known) => known.id === id));
  const over = there.filter(([id, entry]) => ![undefined, entry.code].includes(workOf(id).code)).map(([id]) => id);
  if (over.length && !window.confirm(`This takes the place of your work on ${over.join(", ")} in this browser. Go on?`)) return "Nothing was changed.";
  for (const [id, { code, done, state, hints, stub }] of there) {
    const kept = new Kept(id, stub);
    if (kept.write({ code, done, state, hints })) throw new Error("this browser keeps nothing: its storage is full, or the window is private");
  }
  return `${there.length} exercises were brought in.`;
}

/** The work that was saved in a file: [id, work]. */
async function workIn(file) {
  if (file.size > MAX_OPENED) throw new Error(`${file.name} is too large`);
  const { course, work } = Object(parsed(await file.text()));
  if (course === undefined) throw new Error(`${file.name} is no saved work`);
  if (course !== SITE.course) throw new Error(`${file.name} is of another course`);
  return Object.entries(Object(work)).map(([id, entry]) => [id, asWork(entry)]);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** When the site was renewed while a page of before is open, that page keeps to its own parts, and says so. */
function watchRenewal() {
  let isKept = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (isKept && window.page)
      window.page.notice("renewed", "The course was renewed while this page was open. Reload the page to get what is new; your code is kept.", [
        "Reload",
        () => location.reload(),
      ]);
    isKept = true;
  });
}

if (EXERCISE && !window.lawgraderEditor) $("status").textContent = "The editor could not be loaded: reload the page to try again.";
else if (EXERCISE) window.page = new ExercisePage(EXERCISE);
else if ($("export")) startHome();
showProgress();
if ("serviceWorker" in navigator && location.protocol !== "file:") {
  watchRenewal();
  navigator.serviceWorker.register("sw.js").catch(() => null);
}
navigator.storage?.persist?.().catch(() => null);
