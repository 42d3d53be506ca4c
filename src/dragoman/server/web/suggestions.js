// Offers names while one is typed into <input data-suggest="URL">: GET URL?q=… gives
// [{"label", "value", "detail", "href"}]; the last two may be missing. A choice with href goes there;
// otherwise the field takes the value, or, with data-into="ID", shows the label, and #ID takes the value.
import { address, calmly, everywhere, identity, json, make } from "./pages.js";

function suggest(input) {
    const list = make("ul", { class: "suggestions", role: "listbox", hidden: true, "aria-label": "Suggestions" });
    const into = input.dataset.into && document.getElementById(input.dataset.into);
    const told = make("span", { class: "visually-hidden", role: "status" });
    let offered = [];
    let chosen = -1;
    let asking;

    input.after(list, told);
    const settings = {
        role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false",
        "aria-controls": identity(list, "suggestions"),
    };
    for (const [key, value] of Object.entries(settings)) input.setAttribute(key, value);

    function close() {
        asking?.abort();
        list.hidden = true;
        chosen = -1;
        input.setAttribute("aria-expanded", "false");
        input.removeAttribute("aria-activedescendant");
    }

    function point(place) {
        chosen = (place + offered.length) % offered.length;
        [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
        list.children[chosen].scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", list.children[chosen].id);
    }

    function choose(place) {
        const choice = offered[place];
        close();
        if (choice.href) {
            location.assign(choice.href);
            return;
        }
        input.value = into ? choice.label : choice.value;
        if (into) into.value = choice.value;
        input.dispatchEvent(new Event("change", { bubbles: true }));
    }

    function show(choices) {
        offered = choices;
        chosen = -1;
        input.removeAttribute("aria-activedescendant");
        list.replaceChildren(...choices.map((choice, place) => {
            const option = make("li", {
                role: "option", "aria-selected": "false",
                onmousedown: (event) => {
                    event.preventDefault();
                    choose(place);
                },
            }, make("span", {}, choice.label), choice.detail && make("span", { class: "quiet" }, choice.detail));
            identity(option, "suggestion");
            return option;
        }));
        list.hidden = !choices.length;
        input.setAttribute("aria-expanded", String(Boolean(choices.length)));
        told.textContent = choices.length ? `${choices.length} names` : "No such name";
    }

    const ask = calmly(120, async () => {
        asking?.abort();
        const q = input.value.trim();
        if (!q || document.activeElement !== input) return close();
        asking = new AbortController();
        try {
            show(await json(address(input.dataset.suggest, { q }), { signal: asking.signal }));
        } catch (error) {
            if (error.name !== "AbortError") close();
        }
    });

    input.addEventListener("input", () => {
        if (into) into.value = "";
        ask();
    });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
        if (event.isComposing) return;
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            if (list.hidden) ask();
            else point(event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? -1 : chosen - 1);
        } else if (event.key === "Enter" && chosen >= 0) {
            event.preventDefault();
            choose(chosen);
        } else if (event.key === "Escape" && !list.hidden) {
            event.preventDefault();
            close();
        }
    });
}

export const suggestions = () => everywhere("input[data-suggest]", suggest);
