// Pages and their parts, kept at the first visit: the site works without a network from then on. All that is kept and
// given is of one release, by its hash; what is not comes from the network.
"use strict";

const HOME = new URL("./", self.location.href);
const SITE = `{{ course }} ${HOME.pathname} `; // beside this site others of the course may stand
const NAME = SITE + "{{ version }}";
const FILES = {{ files }};

self.addEventListener("install", (event) => {
  const wanted = Object.entries(FILES).map(([file, integrity]) => new Request(file, { cache: "reload", integrity }));
  event.waitUntil(caches.open(NAME).then((kept) => kept.addAll(wanted)));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith(SITE) && name !== NAME);
  event.waitUntil(
    caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== HOME.origin || !url.pathname.startsWith(HOME.pathname)) return;
  const asked = decodeURI(url.pathname.slice(HOME.pathname.length)) || "index.html";
  const name = [asked, `${asked}.html`].find((known) => Object.hasOwn(FILES, known)); // some servers take the end away
  if (name) event.respondWith(keptFile(name).then((found) => found || fetch(event.request)));
});

/** A file as it was released, or null. A response of its own: one that was redirected may open no page. */
async function keptFile(name) {
  const kept = await caches.open(NAME);
  const found = await kept.match(new URL(name, HOME).href);
  const bytes = found && (await found.arrayBuffer());
  if (!found || (await hashOf(bytes)) !== FILES[name]) return null;
  return new Response(bytes, { headers: { "content-type": found.headers.get("content-type") || "" } });
}

async function hashOf(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256-${btoa(String.fromCharCode(...digest))}`;
}
