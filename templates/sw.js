{% load static %}"use strict";
// Keeps static files and the offline page. Pages of people who are signed in are never kept.
const OFFLINE = "{{ offline_url|escapejs }}";
const STATIC = "{% static '' %}";
const KEPT = [{% for url in kept %}"{{ url|escapejs }}", {% endfor %}];

async function nameOfStore() {
  const bytes = new TextEncoder().encode(KEPT.join("\n"));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return "static-" + Array.from(hash.slice(0, 6), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const store = await caches.open(await nameOfStore());
    await store.addAll(OFFLINE ? [...KEPT, OFFLINE] : KEPT);
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const current = await nameOfStore();
    const stale = (await caches.keys()).filter((name) => name !== current);
    await Promise.all(stale.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (OFFLINE) event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  } else if (url.pathname.startsWith(STATIC)) {
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
  }
});
