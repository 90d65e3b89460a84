// A picture from a file, the camera, the clipboard or a drop anywhere on the page.
// Gradio calls this with element, trigger, props, upload and watch; see the docs of gr.HTML.

const MOST_MB = props.most_mb;
const chooser = element.querySelector("input[type=file]");
const [shown, camera] = element.querySelectorAll("figure");
const image = shown.querySelector("img");
const instead = shown.querySelector("span"); // The file name, if this browser cannot show the picture.
const video = camera.querySelector("video");
const snap = element.querySelector("[data-act=snap]");
const told = element.querySelector(".told");
let mine = null; // The last value set by this script, to recognise values set elsewhere.
let turn = 0; // Counts the pictures: only the one chosen last is kept.

function show(file) {
  if (image.src) URL.revokeObjectURL(image.src);
  image.removeAttribute("src");
  shown.hidden = !file;
  image.hidden = false;
  instead.textContent = "";
  image.onerror = () => {
    image.hidden = true;
    instead.textContent = file.name;
  };
  if (file) image.src = URL.createObjectURL(file);
}

function set(value) {
  if (value) document.dispatchEvent(new CustomEvent("touched", { detail: element }));
  mine = props.value = value;
  trigger("input");
}

async function take(file) {
  const own = ++turn;
  told.textContent = "";
  if (file.size > MOST_MB * 1024 ** 2) {
    told.textContent = say("large_file", { size: Math.ceil(file.size / 1024 ** 2), most: MOST_MB });
    return;
  }
  show(file);
  try {
    const { path, url } = await upload(file);
    if (own === turn) set({ path, url, meta: { _type: "gradio.FileData" } });
  } catch (error) {
    if (own !== turn) return;
    show(null);
    told.textContent = say("not_sent");
  }
}

function closeCamera() {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
  camera.hidden = true;
}

const acts = {
  choose: () => chooser.click(),
  remove() {
    turn += 1;
    show(null);
    set(null);
  },
  async camera() {
    told.textContent = "";
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "environment", width: { ideal: 1920 } },
      });
      snap.disabled = true; // Until the camera shows a picture.
      camera.hidden = false;
      await video.play();
      snap.disabled = false;
    } catch (error) {
      if (error.name === "AbortError") return; // The camera was closed before it started.
      told.textContent = say("no_camera");
    }
  },
  snap() {
    const picture = document.createElement("canvas");
    [picture.width, picture.height] = [video.videoWidth, video.videoHeight];
    picture.getContext("2d").drawImage(video, 0, 0);
    closeCamera();
    picture.toBlob((blob) => take(new File([blob], "camera.jpg", { type: blob.type })), "image/jpeg", 0.95);
  },
  stop: closeCamera,
};

element.addEventListener("click", (event) => {
  acts[event.target.closest("[data-act]")?.dataset.act]?.();
});

chooser.addEventListener("change", () => {
  if (chooser.files.length) take(chooser.files[0]);
  chooser.value = ""; // Allows choosing the same file again.
});

const pictureOf = (data) =>
  [...(data?.files ?? [])].find((file) => file.type.startsWith("image/") || /\.(hei[cf]|avif|tiff?)$/i.test(file.name));

document.addEventListener("paste", (event) => {
  const file = pictureOf(event.clipboardData);
  if (file && element.isConnected) take(file);
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  const file = pictureOf(event.dataTransfer);
  if (file) take(file);
  else told.textContent = say("no_picture");
});

document.addEventListener("example-photo", ({ detail }) => {
  take(new File([detail], "example.jpg", { type: "image/jpeg" }));
});

function letGo() {
  mine = null;
  turn += 1; // Ignore an upload that is still under way.
  show(null);
  told.textContent = "";
}

watch("value", () => {
  if ((props.value || null) !== mine && !props.value) letGo(); // Gradio turns null into "".
});

// Using the sketchpad removes the photo: only the input used last is read.
document.addEventListener("touched", ({ detail }) => {
  if (detail === element) return;
  if (!camera.hidden) closeCamera();
  if (shown.hidden) return;
  letGo();
  props.value = null;
});
