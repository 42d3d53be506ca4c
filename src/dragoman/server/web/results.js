// Runs the form of the editor without leaving the page: rows in #results, their time and count, cancel.
import { announce, make } from "./pages.js";

// What stands in the answer's own #results, in its main part, or all of it where it is a part of a page.
function partOf(html) {
    const answer = new DOMParser().parseFromString(html, "text/html");
    return [...(answer.getElementById("results") ?? answer.querySelector("main") ?? answer.body).childNodes];
}

// A picture in an answer may need a script that the page came without.
function fetchScripts(place) {
    const own = document.querySelector("script[src*='/bundle/editor.js']")?.src;
    for (const name of ["map", "graph"]) {
        const there = document.querySelector(`script[src*='/bundle/${name}.js']`);
        if (own && !there && place.querySelector(`[data-${name}]`)) {
            document.head.append(make("script", { src: own.replace("editor.js", `${name}.js`) }));
        }
    }
}

export function results({ form, area, ran }) {
    const place = document.getElementById("results");
    if (!place) return;
    const status = make("output", { role: "status" });
    const cancel = make("button", { type: "button", class: "plain", hidden: true }, "Cancel");
    const bar = make("div", { class: "toolbar" }, status, cancel);
    let running;
    place.before(bar);
    place.classList.add("results");
    cancel.addEventListener("click", () => running?.abort());

    function failed(words) {
        place.replaceChildren(make("div", { class: "note wrong", role: "alert" }, make("p", {}, words)));
    }

    // A page that can be opened by others has the query in its address, where that is not too long.
    function remember(data) {
        const url = new URL(location.href);
        url.search = data;
        if (url.href.length < 8000) history.replaceState(null, "", url);
    }

    form.addEventListener("submit", async (event) => {
        const leaving = event.submitter?.name || event.submitter?.hasAttribute("formaction");
        if (leaving) return; // a button of its own, such as one that saves a file, is the browser's
        event.preventDefault();
        running?.abort();
        const asked = (running = new AbortController());
        const data = new URLSearchParams(new FormData(form));
        const began = performance.now();
        const seconds = () => `${((performance.now() - began) / 1000).toFixed(2)} s`;
        const clock = setInterval(() => (status.textContent = `Running, ${seconds()}`), 100);
        cancel.hidden = false;
        place.classList.add("busy");
        place.setAttribute("aria-busy", "true");
        let told = "";
        try {
            const answer = await fetch(area.dataset.results, {
                method: "POST", body: data, headers: { Accept: "text/html" }, signal: asked.signal,
            });
            place.replaceChildren(...partOf(await answer.text()));
            announce(place);
            fetchScripts(place);
            const count = place.querySelector("[data-count]")?.dataset.count
                ?? place.querySelector("table[data-sortable]")?.tBodies[0]?.rows.length;
            told = `${count === undefined ? "" : `${Number(count).toLocaleString("en")} ${Number(count) === 1 ? "row" : "rows"} in `}${seconds()}`;
            if (answer.ok) remember(data);
        } catch (error) {
            if (asked !== running) return;
            told = error.name === "AbortError" ? `Cancelled after ${seconds()}` : "";
            if (told) place.replaceChildren(make("p", { class: "empty" }, "Cancelled: there is no answer."));
            else failed("The server could not be reached. Is it still running?");
        } finally {
            clearInterval(clock);
            if (asked === running) {
                running = undefined;
                status.textContent = told;
                cancel.hidden = true;
                place.classList.remove("busy");
                place.removeAttribute("aria-busy");
                ran(told);
            }
        }
    });
}
