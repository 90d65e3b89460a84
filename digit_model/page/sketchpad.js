// The sketchpad: strokes are kept as points, so that they can be undone and are sharp at any size.
// Gradio calls this with element, trigger, props and watch; see the docs of gr.HTML.

const WIDTH = 480, HEIGHT = 320; // The paper's units, and the pixels of the picture that is sent.
const SEND_EVERY = 150; // Milliseconds between pictures during drawing.
const PALM_TIME = 1000; // Milliseconds after pen contact in which touch is taken for the palm.
const KEPT = "sketchpad"; // Key of the drawing in the tab's sessionStorage.
const WHITE = "#ffffff", BLACK = "#000000";

const canvas = element.querySelector("canvas");
const button = (tool) => element.querySelector(`[data-tool=${tool}]`);
const pens = [...element.querySelectorAll("[data-pen]")];
const screen = canvas.getContext("2d");
const sheet = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
const ink = sheet.getContext("2d");

// Entries: {width, erase, points: [[x, y, pressure], ...]}, {picture}, or {cleared: strokes}.
let strokes = [];
let undone = [];
let current = null; // The stroke that is being drawn.
let pointer = null; // The id of the pointer that draws it.
let penSeen = -Infinity;
let sent = null; // The last value set by this script, to recognise values set elsewhere.
let sentAt = 0;
let timer = null;

function segment(context, stroke, end, isLast) {
  // A quadratic curve between the midpoints, with the points as control points.
  const at = (index) => stroke.points[Math.max(0, index)];
  const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const [before, point, last] = [at(end - 2), at(end - 1), at(end)];
  context.globalCompositeOperation = stroke.erase ? "destination-out" : "source-over";
  context.strokeStyle = BLACK;
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = stroke.width * (stroke.erase ? 2 : last[2]);
  context.beginPath();
  context.moveTo(...middle(before, point));
  context.quadraticCurveTo(point[0], point[1], ...middle(point, last));
  if (isLast) context.lineTo(last[0], last[1]);
  context.stroke();
}

function paint(context, stroke) {
  if (stroke.picture) {
    const scale = Math.min(WIDTH / stroke.picture.width, HEIGHT / stroke.picture.height);
    const [width, height] = [stroke.picture.width * scale, stroke.picture.height * scale];
    context.globalCompositeOperation = "source-over";
    context.drawImage(stroke.picture, (WIDTH - width) / 2, (HEIGHT - height) / 2, width, height);
  } else {
    const end = stroke.points?.length - 1;
    stroke.points?.forEach((_, index) => segment(context, stroke, index, index === end));
  }
}

function repaint() {
  const { width, height } = canvas.getBoundingClientRect();
  const density = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * density));
  canvas.height = Math.max(1, Math.round(height * density));
  screen.setTransform(canvas.width / WIDTH, 0, 0, canvas.height / HEIGHT, 0, 0);
  ink.clearRect(0, 0, WIDTH, HEIGHT);
  for (const stroke of [...strokes, ...(current ? [current] : [])]) {
    paint(screen, stroke);
    paint(ink, stroke);
  }
}

function showTools() {
  button("undo").disabled = !strokes.length;
  button("redo").disabled = !undone.length;
}

function send() {
  clearTimeout(timer);
  timer = null;
  sentAt = performance.now();
  if (!current && strokes.every((stroke) => stroke.cleared)) {
    sent = null;
  } else {
    const page = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
    const context = page.getContext("2d");
    context.fillStyle = WHITE;
    context.fillRect(0, 0, WIDTH, HEIGHT);
    context.drawImage(sheet, 0, 0);
    sent = page.toDataURL("image/png");
  }
  if (sent) document.dispatchEvent(new CustomEvent("touched", { detail: element }));
  props.value = sent;
  trigger("input");
  // Gradio reloads the page after a lost connection: keep the drawing.
  sessionStorage.setItem(KEPT, JSON.stringify(strokes.filter((stroke) => stroke.points)));
}

function sendSoon() {
  timer ??= setTimeout(send, Math.max(0, sentAt + SEND_EVERY - performance.now()));
}

function place(event) {
  const paper = canvas.getBoundingClientRect();
  const pressure = event.pointerType === "pen" && event.pressure ? 0.5 + event.pressure : 1;
  return [
    ((event.clientX - paper.left) / paper.width) * WIDTH,
    ((event.clientY - paper.top) / paper.height) * HEIGHT,
    pressure,
  ];
}

function extend(event) {
  const points = event.getCoalescedEvents?.() ?? [];
  for (const part of points.length ? points : [event]) {
    current.points.push(place(part));
    segment(screen, current, current.points.length - 1, false);
    segment(ink, current, current.points.length - 1, false);
  }
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.pointerType === "pen") penSeen = performance.now();
  const isPalm = event.pointerType === "touch" && performance.now() - penSeen < PALM_TIME;
  if (pointer !== null || isPalm || event.button) return;
  event.preventDefault();
  canvas.focus({ preventScroll: true });
  canvas.setPointerCapture(event.pointerId);
  pointer = event.pointerId;
  const pen = pens.find((pen) => pen.getAttribute("aria-pressed") === "true");
  const erase = button("erase").getAttribute("aria-pressed") === "true";
  current = { width: Number(pen.dataset.pen), erase, points: [] };
  extend(event);
});

canvas.addEventListener("pointermove", (event) => {
  if (event.pointerType === "pen") penSeen = performance.now();
  if (event.pointerId !== pointer) return;
  extend(event);
  sendSoon();
});

function lift(event) {
  if (event.pointerId !== pointer) return;
  pointer = null;
  for (const context of [screen, ink]) segment(context, current, current.points.length - 1, true);
  strokes.push(current);
  current = null;
  undone = [];
  showTools();
  send();
}
canvas.addEventListener("pointerup", lift);
canvas.addEventListener("pointercancel", lift);

const tools = {
  erase() {
    const pressed = button("erase").getAttribute("aria-pressed") === "true";
    button("erase").setAttribute("aria-pressed", String(!pressed));
  },
  undo() {
    // Undoing Clear restores the strokes before it.
    const last = strokes.pop();
    if (last?.cleared) strokes = last.cleared;
    if (last) undone.push(last);
    return Boolean(last);
  },
  redo() {
    const next = undone.pop();
    if (next) strokes = next.cleared ? [next] : [...strokes, next];
    return Boolean(next);
  },
  clear() {
    document.dispatchEvent(new CustomEvent("touched", { detail: element })); // Also removes a photo.
    if (strokes.length && !strokes.at(-1).cleared) {
      strokes = [{ cleared: strokes }];
      undone = [];
    }
    return true;
  },
};

function use(tool) {
  if (!tools[tool]()) return;
  repaint();
  showTools();
  send();
}

element.addEventListener("click", (event) => {
  const pressed = event.target.closest("button");
  if (!pressed) return;
  if (pressed.dataset.tool) use(pressed.dataset.tool);
  if (pressed.dataset.pen) {
    for (const pen of pens) pen.setAttribute("aria-pressed", String(pen === pressed));
    button("erase").setAttribute("aria-pressed", "false");
  }
});

document.addEventListener("keydown", (event) => {
  if (!element.isConnected || event.target.closest?.("input, textarea, [contenteditable]")) return;
  const key = event.key.toLowerCase();
  const control = event.ctrlKey || event.metaKey;
  if (control && key === "z") use(event.shiftKey ? "redo" : "undo");
  else if (control && key === "y") use("redo");
  else if (control || event.altKey) return;
  else if (key === "e") use("erase");
  else if (key === "delete") use("clear");
  else if ("123".includes(key)) pens[key - 1].click();
  else return;
  event.preventDefault();
});

function replace(value) {
  clearTimeout(timer);
  timer = null;
  sent = value;
  strokes = [];
  undone = [];
  current = pointer = null;
  sessionStorage.removeItem(KEPT);
  if (sent) {
    const picture = new Image();
    picture.onload = () => {
      strokes = [{ picture }];
      repaint();
      showTools();
    };
    picture.src = sent;
  }
  repaint();
  showTools();
}

watch("value", () => {
  const value = props.value || null; // Gradio turns null into "".
  if (value !== sent) replace(value);
});

// Using the upload clears the drawing: only the input used last is read.
document.addEventListener("touched", ({ detail }) => {
  if (detail === element || (!sent && !current)) return;
  clearTimeout(timer);
  timer = current = pointer = null;
  strokes = [{ cleared: strokes }]; // Undo restores the drawing.
  undone = [];
  sent = props.value = null;
  sessionStorage.removeItem(KEPT); // Else a reload would restore it in place of the photo.
  repaint();
  showTools();
});

document.addEventListener("example-drawing", ({ detail: { pen, strokes: paths } }) => {
  tools.clear();
  for (const path of paths) {
    strokes.push({ width: pen, erase: false, points: path.map(([x, y]) => [x, y, 1]) });
  }
  undone = [];
  repaint();
  showTools();
  send();
});

new ResizeObserver(repaint).observe(canvas);
strokes = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
repaint();
showTools();
if (strokes.length) send();
