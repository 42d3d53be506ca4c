// Keeps the texts of the SPARQL editor in this browser: tabs, and a history of what was run.
import { identity, make } from "./pages.js";

const KEY = "dragoman:sheets";
const LONGEST_HISTORY = 50;
const UNNAMED = /^(?:PREFIX|BASE)\b/i;

function kept() {
    try {
        const read = JSON.parse(localStorage.getItem(KEY));
        if (Array.isArray(read?.texts) && read.texts.length && Array.isArray(read.history)) return read;
    } catch {
        // storage is closed, or holds what an older page wrote: begin anew
    }
    return { texts: [], at: 0, history: [] };
}

// A text is called by its first comment, or by its first line that is no prefix.
function titleOf(text, number) {
    const lines = text.split("\n").map((line) => line.trim()).filter((line) => line && !UNNAMED.test(line));
    const title = (lines.find((line) => /^#[^+]/.test(line)) ?? lines[0] ?? "").replace(/^#+\s*/, "");
    return title ? (title.length > 28 ? `${title.slice(0, 27)}…` : title) : `Query ${number}`;
}

export function sheets({ host, area, show }) {
    const state = kept();
    const given = area.value;
    const list = make("div", { class: "tabs", role: "tablist", "aria-label": "Queries" });
    const ran = make("details", {}, make("summary", {}, "History"));
    const past = make("ol", { class: "lines" });
    ran.append(past);
    (area.closest("form") ?? host).after(ran);

    function keep() {
        try {
            localStorage.setItem(KEY, JSON.stringify(state));
        } catch {
            // full or closed: the text is still in the page
        }
    }

    function drawTabs() {
        const tabs = state.texts.map((text, place) => make("button", {
            type: "button", role: "tab", "aria-selected": String(place === state.at), tabindex: place === state.at ? 0 : -1,
            "aria-controls": identity(host, "editor"), onclick: () => turn(place),
        }, titleOf(text, place + 1)));
        list.replaceChildren(...tabs);
    }

    function turn(place) {
        state.at = place;
        show(state.texts[place]);
        area.value = state.texts[place];
        drawTabs();
        keep();
    }

    function open(text) {
        const same = state.texts.indexOf(text);
        if (same < 0) state.texts.push(text);
        turn(same < 0 ? state.texts.length - 1 : same);
    }

    function close() {
        state.texts.splice(state.at, 1);
        if (!state.texts.length) state.texts.push("");
        turn(Math.min(state.at, state.texts.length - 1));
    }

    list.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        turn((state.at + step + state.texts.length) % state.texts.length);
        list.children[state.at].focus();
    });

    function drawHistory() {
        ran.hidden = !state.history.length;
        past.replaceChildren(...state.history.map(({ text, when, told }) => make("li", {},
            make("button", { type: "button", class: "plain", onclick: () => open(text) }, titleOf(text, "")),
            " ", make("span", { class: "count" }, `${new Date(when).toLocaleString()}${told ? ` · ${told}` : ""}`),
        )));
    }

    host.before(make("div", { class: "toolbar" }, list,
        make("button", { type: "button", class: "plain", onclick: () => open("") }, "New tab"),
        make("button", { type: "button", class: "plain", onclick: close }, "Close tab")));

    area.addEventListener("input", () => {
        state.texts[state.at] = area.value;
        drawTabs();
        keep();
    });

    // A query in the address is what was asked for; otherwise the page goes on where it was left.
    const isAsked = new URLSearchParams(location.search).has(area.name);
    if (!state.texts.length) state.texts = [given];
    drawHistory();
    if (isAsked) open(given);
    else turn(Math.min(state.at, state.texts.length - 1));

    return {
        ran(told) {
            const text = area.value;
            state.texts[state.at] = text;
            state.history = [{ text, when: Date.now(), told }, ...state.history.filter((each) => each.text !== text)];
            state.history.length = Math.min(state.history.length, LONGEST_HISTORY);
            drawHistory();
            keep();
        },
    };
}
