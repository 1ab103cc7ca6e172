"use strict";
// The pictures of a codex, to look through and to sort. What comes from the codex is put in as text, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);
const live = location.protocol.startsWith("http"); // served: marks go to the folder at once
const store = "avwalk codex " + data.key;
const marks = new Map(Object.entries(data.marks).map(([name, mark]) => [name, [mark, data.marked]])); // and its time
let log = []; // lines that are not in the folder yet
const undone = [];
let shown = [], current = -1;

const now = () => new Date().toISOString().slice(0, 19) + "Z";
const markOf = (name) => (marks.get(name) || ["none"])[0];
const make = (tag, text, kind) => {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
};

function remember() {
  try { localStorage.setItem(store, JSON.stringify(log)); } catch { /* some browsers keep nothing of a file */ }
}

function take(line) {
  const known = marks.get(line.picture);
  if (!names.has(line.picture) || !["good", "bad", "none"].includes(line.mark)) return false;
  if (known && known[1] > (line.at || "")) return false;
  marks.set(line.picture, [line.mark, String(line.at || "")]);
  return true;
}

async function send(line) {
  if (!live) { log.push(line); remember(); return; }
  try {
    const answer = await fetch("marks", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(line),
    });
    if (!answer.ok) throw new Error((await answer.json()).error);
  } catch (error) {
    log.push(line);
    remember();
    say("not saved: " + (error.message || error) + "; download the marks");
  }
}

function say(text) { at("said").textContent = text; }

function put(k, mark, goOn) {
  const picture = shown[k];
  if (!picture) return;
  const before = markOf(picture.n);
  const next = before === mark ? "none" : mark;
  undone.push([picture.n, before]);
  change(picture.n, next);
  if (goOn && next !== "none" && k + 1 < shown.length) go(k + 1); else paint();
}

function change(name, mark) {
  const line = { picture: name, mark, at: now() };
  marks.set(name, [mark, line.at]);
  send(line);
  dress(cells.get(name), mark);
  count();
}

function undo() {
  const last = undone.pop();
  if (!last) return;
  change(last[0], last[1]);
  const k = shown.findIndex((picture) => picture.n === last[0]);
  if (k >= 0) go(k); else paint();
}

function dress(cell, mark) {
  cell.classList.toggle("good", mark === "good");
  cell.classList.toggle("bad", mark === "bad");
  for (const button of cell.querySelectorAll("[data-mark]")) {
    button.setAttribute("aria-pressed", String(button.dataset.mark === mark));
  }
}

function sorters(act) {
  const row = make("div", undefined, "sort");
  for (const mark of ["good", "bad"]) {
    const button = make("button", mark, mark);
    button.type = "button";
    button.dataset.mark = mark;
    button.addEventListener("click", () => act(mark));
    row.append(button);
  }
  return row;
}

const names = new Set(data.pictures.map((picture) => picture.n));
const cells = new Map();
for (const picture of data.pictures) {
  const cell = make("figure"), open = make("button", undefined, "open"), img = new Image(), caption = make("figcaption");
  img.loading = "lazy";
  img.decoding = "async";
  img.alt = data.scenes[picture.s];
  [img.width, img.height] = [picture.w || 16, picture.h || 9];
  img.src = picture.t;
  open.type = "button";
  open.title = "enlarge";
  open.append(img);
  open.addEventListener("click", () => { go(shown.indexOf(picture)); enlarge(); });
  caption.append(make("div", data.scenes[picture.s]), make("span", picture.a.map(([, value]) => value).join(" · ")));
  cell.append(open, caption, sorters((mark) => put(shown.indexOf(picture), mark, false)));
  cells.set(picture.n, cell);
  at("grid").append(cell);
}

function count() {
  const told = { good: 0, bad: 0, none: 0 };
  for (const picture of data.pictures) told[markOf(picture.n)] += 1;
  const parts = [["", data.pictures.length, "pictures"], ["good", told.good, "good"], ["bad", told.bad, "bad"],
    ["", told.none, "open"]];
  if (shown.length < data.pictures.length) parts.push(["", shown.length, "shown"]);
  at("counts").replaceChildren(...parts.flatMap(([kind, n, word], k) => {
    const part = make("span", undefined, kind);
    part.append(make("b", String(n)), " " + word);
    return k ? [" · ", part] : [part];
  }));
}

function filter() {
  const form = at("filters"), text = form.elements.text.value.trim().toLowerCase(), mark = form.elements.mark.value;
  const before = shown[current];
  shown = data.pictures.filter((picture) => {
    if (form.elements.scene.value !== "" && picture.s !== Number(form.elements.scene.value)) return false;
    if (mark && markOf(picture.n) !== mark) return false;
    for (let c = 0; c < data.categories.length; c += 1) {
      const wanted = form.elements["c" + c].value;
      if (wanted !== "" && !picture.a.some(([own, value]) => own === c && value === data.categories[c].values[wanted])) return false;
    }
    return !text || (picture.p + " " + data.scenes[picture.s] + " " + picture.n).toLowerCase().includes(text);
  });
  const visible = new Set(shown);
  for (const picture of data.pictures) cells.get(picture.n).hidden = !visible.has(picture);
  at("nothing").hidden = shown.length > 0;
  current = before && visible.has(before) ? shown.indexOf(before) : shown.length ? 0 : -1;
  count();
  paint();
}

function paint() {
  for (const cell of document.querySelectorAll("figure.current")) cell.classList.remove("current");
  const picture = shown[current];
  if (!picture) { if (at("view").open) at("view").close(); return; }
  cells.get(picture.n).classList.add("current");
  if (at("view").open) fill(picture);
}

function go(k) {
  if (!shown.length) return;
  current = Math.max(0, Math.min(shown.length - 1, k));
  paint();
  cells.get(shown[current].n).scrollIntoView({ block: "nearest" });
}

function rows() { // pictures in a row, as they lie now
  const top = (k) => cells.get(shown[k].n).offsetTop;
  let n = 1;
  while (n < shown.length && top(n) === top(0)) n += 1;
  return n;
}

function fill(picture) {
  const img = at("whole");
  if (img.dataset.name !== picture.n) { img.src = picture.f || picture.t; img.dataset.name = picture.n; }
  img.alt = data.scenes[picture.s];
  const facts = [["Scene", data.scenes[picture.s]], ...picture.a.map(([c, value]) => [data.categories[c].name, value]),
    ["Prompt", picture.p], ["Not", picture.x], ["Seed", picture.d], ["Picture", picture.n]];
  at("list").replaceChildren(...facts.filter(([, value]) => value !== "").flatMap(([name, value]) =>
    [make("dt", name), make("dd", String(value))]));
  dress(at("facts"), markOf(picture.n));
}

function enlarge() {
  if (current < 0) return;
  if (!at("view").open) at("view").showModal();
  fill(shown[current]);
}

function lines() {
  return [...marks].filter(([, [mark]]) => mark !== "none" || !live)
    .sort((one, other) => one[1][1] < other[1][1] ? -1 : 1)
    .map(([picture, [mark, time]]) => JSON.stringify({ picture, mark, at: time || now() })).join("\n") + "\n";
}

function download() {
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([lines()], { type: "application/jsonl" }));
  link.download = "marks.jsonl";
  link.click();
  say("put marks.jsonl into the folder of the codex");
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function paste() {
  let n = 0;
  for (const text of at("lines").value.split("\n")) {
    try {
      const line = JSON.parse(text);
      if (line && take(line)) { n += 1; send({ picture: line.picture, mark: line.mark, at: String(line.at || now()) }); }
    } catch { /* no line of marks */ }
  }
  for (const [name, cell] of cells) dress(cell, markOf(name));
  say(n + " marks taken");
  filter();
}

const row = sorters((mark) => put(current, mark, false));
row.append(at("close"));
at("facts").prepend(row);
at("close").addEventListener("click", () => at("view").close());
at("download").addEventListener("click", download);
at("undo").addEventListener("click", undo);
at("paste").addEventListener("click", () => at("paste-dialog").showModal());
at("copy").addEventListener("click", () => { at("lines").value = lines(); at("lines").select(); });
at("take").addEventListener("click", () => { paste(); at("paste-dialog").close(); });
at("leave").addEventListener("click", () => at("paste-dialog").close());
at("filters").addEventListener("input", filter);
at("filters").addEventListener("reset", () => setTimeout(filter));
at("filters").addEventListener("submit", (event) => event.preventDefault());

const KEYS = {
  ArrowRight: () => go(current + 1), ArrowLeft: () => go(current - 1),
  ArrowDown: () => go(current + rows()), ArrowUp: () => go(current - rows()),
  Home: () => go(0), End: () => go(shown.length - 1),
  g: () => put(current, "good", true), b: () => put(current, "bad", true), z: undo, Enter: enlarge,
};
document.addEventListener("keydown", (event) => {
  const typing = ["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName) || at("paste-dialog").open;
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && event.target.tagName === "BUTTON") return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

async function watch() { // what others mark, and what is drawn meanwhile
  try {
    const told = await (await fetch("state")).json();
    at("news").hidden = told.pictures <= data.pictures.length;
    at("news").textContent = (told.pictures - data.pictures.length) + " new pictures: show them";
    for (const [name, cell] of cells) {
      const mark = told.marks[name] || "none";
      if (mark !== markOf(name) && !log.some((line) => line.picture === name)) {
        marks.set(name, [mark, told.marked]);
        dress(cell, mark);
      }
    }
    count();
  } catch { /* the server has ended; marks are kept here */ }
  setTimeout(watch, 3000);
}

if (live) {
  at("news").addEventListener("click", () => location.reload());
  watch();
} else {
  try { log = JSON.parse(localStorage.getItem(store)) || []; } catch { log = []; }
  log = (Array.isArray(log) ? log : []).filter((line) => line && line.at > data.marked); // the folder knows the others
  log.forEach(take);
}
at("download").hidden = at("paste").hidden = live;
for (const [name, cell] of cells) dress(cell, markOf(name));
filter();
