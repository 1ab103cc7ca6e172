"use strict";
// Shows what the server's schedule says, in step by the server's clock. Captions are put in as text.
const at = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const [, one, of] = /^(\d{1,2})of(\d{1,2})$/.exec(asked.get("screen") || "") || [0, "1", "1"];
const screens = Math.max(1, Math.min(16, Number(of))), screen = Math.max(1, Math.min(screens, Number(one)));
const wall = asked.has("wall"); // all screens together are one picture
const root = document.documentElement.style;
if (asked.get("fit") === "contain") root.setProperty("--fit", "contain");
if (wall) {
  root.setProperty("--width", screens * 100 + "vw");
  root.setProperty("--left", -(screen - 1) * 100 + "vw");
}
let offset = 0, best = Infinity, period = 6000, steps = {}, list = [], version = "";
let shown = "", step = -1, byHand = 0, paused = false, index = -1, front = 0;
const images = [new Image(), new Image()];
images.forEach((img) => { img.alt = ""; document.body.prepend(img); });
if (asked.has("captions")) document.body.classList.add("captions");

const serverNow = () => Date.now() + offset;

async function show(url, caption) {
  if (!url || url === shown) return;
  shown = url;
  const back = images[1 - front];
  back.src = url;
  try { await back.decode(); } catch { return; }
  if (shown !== url) return; // another came meanwhile
  front = 1 - front;
  images[front].classList.add("on");
  images[1 - front].classList.remove("on");
  images[front].alt = caption;
  at("caption").textContent = caption;
  at("waiting").hidden = true;
}

function tick() {
  const now = Math.floor(serverNow() / period);
  if (!paused && Date.now() > byHand && now !== step && steps[now]) {
    step = now;
    const [url, caption] = steps[now];
    index = list.findIndex((each) => each[0] === url);
    show(url, caption);
  }
  const next = steps[now + 1];
  if (next && next[0] !== shown) new Image().src = next[0]; // loaded before it is shown
}

async function ask() {
  try {
    const sent = performance.now(), here = Date.now();
    const answer = await fetch(`steps?screens=${wall ? 1 : screens}&screen=${wall ? 1 : screen}`);
    const told = await answer.json();
    const trip = performance.now() - sent;
    if (trip < best * 1.2 || Math.abs(told.now * 1000 + trip / 2 - here - trip - offset) > 2000) {
      best = Math.min(best, trip); // the shortest way there and back tells the clock best
      offset = told.now * 1000 - (here + trip / 2);
    }
    period = told.seconds * 1000;
    steps = told.steps;
    at("waiting").hidden = Boolean(shown) || told.count > 0;
    if (told.version !== version) {
      version = told.version;
      list = (await (await fetch("list")).json()).pictures;
    }
  } catch { /* the server is away; what is there stays */ }
  setTimeout(ask, 500);
}

function move(by) {
  if (!list.length) return;
  byHand = Date.now() + 3 * period; // then the clock has it again
  step = -1;
  index = (Math.max(index, 0) + by + list.length) % list.length;
  show(...list[index]);
}

function full() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen().catch(() => {});
}

const KEYS = {
  ArrowRight: () => move(1), ArrowLeft: () => move(-1), f: full, c: () => document.body.classList.toggle("captions"),
  " ": () => { paused = !paused; at("hint").dataset.paused = String(paused); },
  Escape: () => { if (!document.fullscreenElement) location.href = "./"; },
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (act) { event.preventDefault(); act(); }
});
document.addEventListener("dblclick", full);

let quiet = setTimeout(() => document.body.classList.add("still"), 4000);
document.addEventListener("mousemove", () => {
  document.body.classList.remove("still");
  clearTimeout(quiet);
  quiet = setTimeout(() => document.body.classList.add("still"), 2000);
});
ask();
setInterval(tick, 50);
