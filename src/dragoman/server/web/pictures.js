// Saves a picture of the page as SVG or PNG, with the looks that the style sheet gives it.
import { everywhere, fileName, save } from "./pages.js";

const LOOKS = [
    "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "opacity",
    "font-family", "font-size", "font-weight", "font-style", "text-anchor", "dominant-baseline", "vector-effect",
];

// The picture as a document of its own: looks become attributes, for no style sheet goes with it.
// It is as wide as it is shown, or as told.
export function alone(svg, wide = svg.getBoundingClientRect().width) {
    const copy = svg.cloneNode(true);
    const [originals, copies] = [svg, copy].map((root) => [root, ...root.querySelectorAll("*")]);
    const hidden = [];
    originals.forEach((original, place) => {
        const looks = getComputedStyle(original);
        if (looks.display === "none") hidden.push(copies[place]);
        for (const look of LOOKS) {
            const value = looks.getPropertyValue(look);
            if (value) copies[place].setAttribute(look, value);
        }
        copies[place].removeAttribute("class");
        copies[place].removeAttribute("tabindex");
    });
    hidden.forEach((element) => element.remove());
    for (const link of copy.querySelectorAll("a[href]")) {
        link.setAttribute("href", new URL(link.getAttribute("href"), document.baseURI));
    }
    const box = svg.viewBox.baseVal;
    const [left, top, width, height] = box?.width
        ? [box.x, box.y, box.width, box.height]
        : [0, 0, wide, svg.getBoundingClientRect().height];
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("viewBox", `${left} ${top} ${width} ${height}`);
    copy.setAttribute("width", Math.round(wide));
    copy.setAttribute("height", Math.round(wide * (height / width)));
    const ground = document.createElementNS(copy.namespaceURI, "rect");
    const colours = { x: left, y: top, width, height, fill: getComputedStyle(document.documentElement).backgroundColor };
    for (const [key, value] of Object.entries(colours)) ground.setAttribute(key, value);
    copy.prepend(ground);
    return new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" });
}

export async function pixels(blob, scale = 2) {
    const url = URL.createObjectURL(blob);
    try {
        const image = new Image();
        image.src = url;
        await image.decode();
        const canvas = document.createElement("canvas");
        canvas.width = image.naturalWidth * scale;
        canvas.height = image.naturalHeight * scale;
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        return await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    } finally {
        URL.revokeObjectURL(url);
    }
}

export async function savePicture(svg, kind, name) {
    const blob = alone(svg);
    save(kind === "png" ? await pixels(blob) : blob, fileName(name, kind));
}

// <button hidden data-save="svg"> in a figure.picture
export function saveButtons() {
    everywhere("button[data-save]", (button) => {
        const figure = button.closest("figure");
        button.hidden = false;
        button.addEventListener("click", () => {
            const svg = figure.querySelector(":scope > svg, :scope > .table > svg, .map > svg");
            const name = figure.querySelector("figcaption")?.textContent || document.title;
            savePicture(svg, button.dataset.save, name);
        });
    });
}
