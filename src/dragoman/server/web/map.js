// Draws <div data-map="URL">: {"states": [{"code", "label", "value", "href"}], "caption"}. A state
// joins a land of the map by its numeric code of ISO 3166-1; one too small to be seen is a dot. What
// the div holds already, a table for those without scripts, stays below.
import { draw, everywhere, json, make } from "./pages.js";
import { savePicture } from "./pictures.js";

const LEVELS = 5;
const OWN = document.querySelector('script[src$="/map.js"]').src; // the lands lie beside the script

// Limits of the levels: each as full as the others, so that one large value does not bleach the rest.
function limits(values) {
    const different = [...new Set(values)].sort((a, b) => a - b);
    if (different.length <= LEVELS) return different;
    const ordered = [...values].sort((a, b) => a - b);
    const upper = Array.from({ length: LEVELS }, (_, at) => ordered[Math.ceil(((at + 1) * ordered.length) / LEVELS) - 1]);
    return [...new Set(upper)];
}

// Few levels take the stronger colours, and the highest is always the strongest.
const levelOf = (value, upper) => LEVELS - (upper.length - 1) + upper.findIndex((limit) => value <= limit);

async function show(host) {
    const kept = [...host.childNodes];
    let world;
    let told;
    try {
        [world, told] = await Promise.all([json(new URL("world.json", OWN)), json(host.dataset.map)]);
    } catch (error) {
        host.prepend(make("p", { class: "note wrong" }, `The map could not be had. ${error.message}.`));
        return;
    }
    const states = new Map(told.states.map((state) => [state.code, state]));
    const upper = limits(told.states.map((state) => state.value).filter((value) => value > 0));
    const svg = draw("svg", { viewBox: world.viewBox.join(" "), role: "group", "aria-label": told.caption });
    const [lands, dots] = [draw("g"), draw("g")];
    // A picture that is saved tells its source, too.
    const [, , , high] = world.viewBox;
    svg.append(lands, dots, draw("text", { class: "credit", x: 80, y: world.viewBox[1] + high - 80 }, "Borders: Natural Earth"));

    for (const land of world.lands) {
        const state = states.get(land.code);
        const level = state && state.value > 0 ? levelOf(state.value, upper) : 0;
        const shapes = [];
        const name = state?.label ?? land.name;
        const title = () => draw("title", {}, state ? `${name}: ${state.value.toLocaleString("en")}` : name);
        if (land.path) shapes.push([lands, draw("path", { class: `land level-${level}`, d: land.path }, title())]);
        if (land.small && level) {
            shapes.push([dots, draw("circle", { class: `land level-${level}`, cx: land.x, cy: land.y, r: 34 }, title())]);
        }
        for (const [group, shape] of shapes) {
            if (!level || !state.href) {
                group.append(shape);
                continue;
            }
            // One link a state is enough for the keyboard: the dot, or the land where there is none.
            const link = draw("a", { href: state.href, "aria-label": `${name}: ${state.value}` });
            if (shapes.length > 1 && group === lands) {
                link.setAttribute("tabindex", "-1");
                link.setAttribute("aria-hidden", "true");
            }
            link.append(shape);
            group.append(link);
        }
    }

    const codes = new Set(world.lands.map((land) => land.code));
    const missing = told.states.filter((state) => !codes.has(state.code)).map((state) => state.label);
    const swatch = (level) => draw("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, draw("rect", { class: `level-${level}`, width: 10, height: 10 }));
    const keys = upper.map((limit, at) => {
        const least = at ? upper[at - 1] + 1 : Math.min(...told.states.map((state) => state.value).filter((value) => value > 0));
        const words = least < limit && Number.isInteger(limit) ? `${least.toLocaleString("en")} to ${limit.toLocaleString("en")}` : limit.toLocaleString("en");
        return make("li", {}, swatch(levelOf(limit, upper)), words);
    });
    const [all, width, height] = [world.viewBox, world.viewBox[2], world.viewBox[3]];

    // Zoom by the box that is seen; the lines keep their width by the style sheet.
    let [x, y, scale] = [0, 0, 1];
    function look() {
        x = Math.min(Math.max(x, 0), width * (1 - 1 / scale));
        y = Math.min(Math.max(y, 0), height * (1 - 1 / scale));
        svg.setAttribute("viewBox", `${all[0] + x} ${all[1] + y} ${width / scale} ${height / scale}`);
        for (const dot of dots.querySelectorAll("circle")) dot.setAttribute("r", 34 / Math.sqrt(scale));
    }
    function zoom(factor, atX = 0.5, atY = 0.5) {
        const next = Math.min(Math.max(scale * factor, 1), 16);
        x += (width / scale - width / next) * atX;
        y += (height / scale - height / next) * atY;
        scale = next;
        look();
    }
    const move = (dx, dy) => {
        x += (dx * width) / scale;
        y += (dy * height) / scale;
        look();
    };
    let held;
    svg.addEventListener("pointerdown", (event) => (held = { x: event.clientX, y: event.clientY, moved: 0 }));
    svg.addEventListener("pointermove", (event) => {
        if (!held || !event.buttons || scale === 1) return;
        const box = svg.getBoundingClientRect();
        move((held.x - event.clientX) / box.width, (held.y - event.clientY) / box.height);
        held = { x: event.clientX, y: event.clientY, moved: held.moved + Math.abs(held.x - event.clientX) + Math.abs(held.y - event.clientY) };
    });
    svg.addEventListener("click", (event) => {
        if (held?.moved > 4) event.preventDefault();
        held = undefined;
    }, true);
    // The wheel alone scrolls the page.
    svg.addEventListener("wheel", (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        const box = svg.getBoundingClientRect();
        zoom(event.deltaY < 0 ? 1.25 : 0.8, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    }, { passive: false });

    const button = (words, call, name) => make("button", { type: "button", class: "plain", onclick: call, "aria-label": name }, words);
    host.replaceChildren(make("figure", { class: "picture" },
        make("ul", { class: "legend" }, make("li", {}, swatch(0), "none"), ...keys),
        make("div", { class: "map" }, svg),
        make("figcaption", {}, told.caption ? `${told.caption.replace(/\.$/, "")}. ` : "", `${world.source} ${world.caveat}`,
            missing.length ? ` Not on the map: ${missing.join(", ")}.` : ""),
        make("div", { class: "actions" },
            button("+", () => zoom(1.6), "Nearer"), button("−", () => zoom(1 / 1.6), "Farther"),
            button("←", () => move(-0.2, 0), "West"), button("→", () => move(0.2, 0), "East"),
            button("↑", () => move(0, -0.2), "North"), button("↓", () => move(0, 0.2), "South"),
            button("Whole world", () => zoom(1 / scale)),
            button("Save as SVG", () => savePicture(svg, "svg", told.caption)),
            button("Save as PNG", () => savePicture(svg, "png", told.caption)),
        ),
    ), ...kept);
}

everywhere("[data-map]", show);
