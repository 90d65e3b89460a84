// The answer: boxes on the picture that was read, and an explanation when a digit is pressed.
// Gradio calls this with element, trigger, props and watch; see the docs of gr.HTML.

const SVG = "http://www.w3.org/2000/svg";
const SENT_WIDTH = 1200; // Width of a shared picture, in pixels.
const STAGES = { sketchpad: ".sketchpad .sheet", upload: ".upload .photo" };

function make(parent, name, attributes) {
  const node = parent.appendChild(document.createElementNS(SVG, name));
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

function showBoxes() {
  for (const old of document.querySelectorAll("svg.boxes")) old.remove();
  const answer = props.value;
  if (!answer?.digits || !element.querySelector("input").checked) return;
  const [width, height] = answer.size;
  const stage = document.querySelector(STAGES[answer.source]);
  const boxes = make(stage, "svg", { class: "boxes", viewBox: `0 0 ${width} ${height}`, "aria-hidden": true });
  const line = Math.max(width, height) / 240;
  for (const { text, box: [left, top, wide, high] } of answer.digits) {
    const size = Math.max(6 * line, Math.min(high / 4, 12 * line));
    const [x, y] = [left - line, top - line];
    make(boxes, "rect", { x, y, width: wide + 2 * line, height: high + 2 * line, "stroke-width": line });
    // Above the box, or inside it at the picture's edge.
    make(boxes, "text", { x, y: y > size ? y - line : y + size, "font-size": size }).textContent = text;
  }
}

// Draws the picture with its boxes, and the answer below.
function paint() {
  const { size: [width, height], source, sentence } = props.value;
  const stage = document.querySelector(STAGES[source]);
  const picture = document.createElement("canvas");
  const scale = SENT_WIDTH / width;
  const letters = SENT_WIDTH / 28;
  picture.width = SENT_WIDTH;
  picture.height = height * scale + 3 * letters;
  const context = picture.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, picture.width, picture.height);
  const drawn = stage.querySelector("canvas, img:not([hidden])"); // Hidden if this browser cannot show it.
  if (drawn) context.drawImage(drawn, 0, 0, SENT_WIDTH, height * scale);
  context.save();
  context.scale(scale, scale);
  context.strokeStyle = props.mark;
  context.lineWidth = width / 240;
  for (const { box } of element.querySelector("input").checked ? props.value.digits : []) context.strokeRect(...box);
  context.restore();
  context.fillStyle = "black";
  context.font = `600 ${letters}px system-ui, sans-serif`;
  context.fillText(sentence, letters, height * scale + 1.8 * letters, SENT_WIDTH - 2 * letters);
  return picture;
}

async function share() {
  const blob = await new Promise((resolve) => paint().toBlob(resolve, "image/png"));
  const file = new File([blob], "reading.png", { type: "image/png" });
  if (navigator.canShare?.({ files: [file] })) {
    await navigator.share({ files: [file], text: props.value.sentence }).catch(() => {}); // The visitor may cancel.
  } else {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: file.name });
    link.click();
    URL.revokeObjectURL(link.href);
  }
}

// What the visitor asked for: the explanation of a digit, and the steps.
const wanted = { index: null, steps: false };
let newest = null; // The last answer without explanation and steps.
let shown = null; // The last answer that was shown, with or without them.

function askMore() {
  trigger("select", { ...wanted });
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.index) {
    wanted.index = Number(button.dataset.index);
    askMore();
  } else if (button?.dataset.label) {
    trigger("submit", { label: button.dataset.label });
  } else if (button?.hasAttribute("data-share")) {
    share();
  } else if (event.target.closest("summary")) {
    wanted.steps = !element.querySelector("details").open;
    if (wanted.steps) askMore();
  }
});
element.addEventListener("change", showBoxes);
element.addEventListener("submit", (event) => {
  event.preventDefault();
  trigger("submit", { label: event.target.elements.number.value });
});

const isSame = (answer, other) => JSON.stringify(answer?.digits ?? null) === JSON.stringify(other?.digits ?? null);

// Merges an answer with the reply to a correction, which arrives as a value of its own.
function join(answer) {
  if (answer?.kept && !answer.sentence) return isSame(answer, newest) ? { ...shown, kept: answer.kept } : shown;
  const isMore = answer?.why || answer?.steps;
  return isMore && !answer.kept && newest?.kept && isSame(answer, newest) ? { ...answer, kept: newest.kept } : answer;
}

watch("value", () => {
  const sent = props.value;
  const answer = join(sent);
  if (!answer?.why && !answer?.steps) {
    newest = answer;
    wanted.index = null;
  } else if (!isSame(answer, newest)) {
    props.value = newest; // The answer is about a picture that is gone.
    return;
  } else if (answer.kept) {
    newest = { ...newest, kept: answer.kept };
  }
  shown = answer;
  if (answer !== sent) props.value = answer;
  showBoxes();
  const lacksWhy = wanted.index !== null && wanted.index !== answer?.index;
  if (answer?.digits && (lacksWhy || (wanted.steps && !answer.steps))) askMore();
});
