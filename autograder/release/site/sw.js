// Pages and their parts, kept at the first visit: the site works without a network from then on.
"use strict";

const NAME = "{{ name }}";
const FILES = {{ files }};

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((kept) => kept.addAll(FILES.map((file) => new Request(file, { cache: "reload" })))));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith("{{ course }}/") && name !== NAME);
  event.waitUntil(
    caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const home = new URL("./", self.location.href);
  if (event.request.method !== "GET" || !url.href.startsWith(home.href)) return;
  const asked = url.pathname === home.pathname ? new URL("index.html", home).href : url.origin + url.pathname;
  event.respondWith(caches.open(NAME).then((kept) => kept.match(asked)).then((found) => found || fetch(event.request)));
});
