// Reading a QR code with the camera: by the browser where it can, else by a library that only then loads.

import { importChecked } from "./assets.js";
import { h, say } from "./dom.js";
import { failure, secondary } from "./parts.js";
import { t } from "./text.js";

/** How often a picture is looked at. */
const LOOK_MS = 150;

/** Whether this browser can have a camera at all. */
export const canScan = () => Boolean(navigator.mediaDevices?.getUserMedia);

/** What finds QR codes in a picture. */
async function detector() {
  const formats = await globalThis.BarcodeDetector?.getSupportedFormats?.().catch(() => []) ?? [];
  const Detector = formats.includes("qr_code") ? globalThis.BarcodeDetector
    : (await importChecked("qr/decode.js", "qr/index.js")).BarcodeDetector;
  return new Detector({ formats: ["qr_code"] });
}

/** A text as a QR code, drawn once the library for it is there; without it the text beside has to do. */
export function qrCode(text, label) {
  const box = h("div", { class: "qr", hidden: true });
  importChecked("qr/index.js").then(({ encodeQR }) => {
    const rows = encodeQR(text, "raw", { ecc: "medium", border: 4 });
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join(""));
    for (const [name, value] of [["viewBox", `0 0 ${rows.length} ${rows.length}`], ["role", "img"], ["aria-label", label]]) svg.setAttribute(name, value);
    svg.append(path);
    box.append(svg);
    box.hidden = false;
  }, () => {});
  return box;
}

/** A button that opens the camera until a QR code is read, which `found` is given. Pictures stay on the device. */
export function scanner(found) {
  const box = h("div", {});
  let stream;
  const stop = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = undefined;
  };
  const closed = (fault) => {
    stop();
    box.replaceChildren(...[fault ? failure({ name: "camera", detail: fault }) : null, h("div", { class: "actions" }, secondary(t("scan-start"), open))].filter(Boolean));
  };
  const open = async () => {
    const video = h("video", { class: "camera", playsinline: true, muted: true, "aria-label": t("scan-lead") });
    video.muted = true;
    const cancel = secondary(t("scan-stop"), () => { closed(); box.querySelector("button").focus(); });
    box.replaceChildren(h("p", { class: "hint" }, t("scan-lead")), video, h("div", { class: "actions" }, cancel));
    cancel.focus();
    try {
      const [eye, given] = await Promise.all([detector(), navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false })]);
      stream = given;
      // The voter has stopped, or has gone on to another step, while the browser asked for the camera.
      const here = () => stream === given && box.isConnected && video.isConnected;
      if (!video.isConnected) { stop(); return; }
      video.srcObject = given;
      await video.play();
      say(t("scan-lead"));
      while (here()) {
        const [code] = await eye.detect(video).catch(() => []);
        if (!here()) break;
        if (code?.rawValue) {
          closed();
          found(code.rawValue);
          return;
        }
        await new Promise((resolve) => { setTimeout(resolve, LOOK_MS); });
      }
      stop();
    } catch (error) {
      if (box.isConnected) closed(`${error.name}: ${error.message}`);
    }
  };
  closed();
  return box;
}
