// Examples: the sketchpad draws their strokes, the upload takes their photo.
// Gradio calls this with element and props; see the docs of gr.HTML.

element.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.example) {
    const detail = props.value[button.dataset.example];
    document.dispatchEvent(new CustomEvent("example-drawing", { detail }));
  } else if (button) {
    const photo = await (await fetch(button.querySelector("img").src)).blob();
    document.dispatchEvent(new CustomEvent("example-photo", { detail: photo }));
  }
});
