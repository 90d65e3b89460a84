// The answer: its boxes stand on the picture that was read, and a digit that is pressed tells why.
// Gradio calls this with element, trigger, props and watch; see the docs of gr.HTML.

const SVG = "http://www.w3.org/2000/svg";
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
    const size = Math.max(high / 4, 6 * line);
    const [x, y] = [left - line, top - line];
    make(boxes, "rect", { x, y, width: wide + 2 * line, height: high + 2 * line, "stroke-width": line });
    // Above the box, or within it at the picture's edge.
    make(boxes, "text", { x, y: y > size ? y - line : y + size, "font-size": size }).textContent = text;
  }
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-index]");
  if (button) trigger("select", { index: Number(button.dataset.index) });
});
element.addEventListener("change", showBoxes);
watch("value", showBoxes);
