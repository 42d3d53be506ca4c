// What all scripts share: to find what they enhance, to make elements, to fetch, to save a file.

const ADDED = "pages:added";

// Enhance each element that matches, now and in what is put into the page later.
export function everywhere(selector, enhance) {
    const done = new WeakSet();
    const look = (root) => {
        const found = [...root.querySelectorAll(selector)];
        if (root.matches?.(selector)) found.unshift(root);
        for (const element of found) {
            if (done.has(element)) continue;
            done.add(element);
            enhance(element);
        }
    };
    look(document);
    document.addEventListener(ADDED, (event) => look(event.target));
}

// Say to the scripts of the page that new elements stand in it.
export function announce(element) {
    element.dispatchEvent(new CustomEvent(ADDED, { bubbles: true }));
}

// Make an element: attributes by name, handlers by on…, then its children.
export function make(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (value === undefined || value === null || value === false) continue;
        if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
        else element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== undefined && child !== null));
    return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function draw(name, attributes = {}, ...children) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) {
        if (value !== undefined && value !== null) element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
}

// An address with parameters added to what it has.
export function address(url, parameters) {
    const result = new URL(url, document.baseURI);
    for (const [key, value] of Object.entries(parameters)) result.searchParams.set(key, value);
    return result;
}

export async function json(url, options = {}) {
    const answer = await fetch(url, { ...options, headers: { Accept: "application/json", ...options.headers } });
    if (!answer.ok) throw new Error(`The server answered ${answer.status} ${answer.statusText}`.trim());
    return answer.json();
}

// Call the last of many calls, once there were none for a while.
export function calmly(milliseconds, call) {
    let timer;
    return (...given) => {
        clearTimeout(timer);
        timer = setTimeout(() => call(...given), milliseconds);
    };
}

let count = 0;
export function identity(element, stem) {
    element.id ||= `${stem}-${(count += 1)}`;
    return element.id;
}

export function save(blob, name) {
    const url = URL.createObjectURL(blob);
    const link = make("a", { href: url, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

// A file name of a text: letters and digits of any script, joined by hyphens.
export function fileName(text, ending) {
    const stem = text.normalize("NFC").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 80);
    return `${stem || "picture"}.${ending}`;
}
