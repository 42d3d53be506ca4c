// On every page: tables, suggestions, files dropped, pictures saved, words copied.
import { everywhere } from "./pages.js";
import { saveButtons } from "./pictures.js";
import { suggestions } from "./suggestions.js";
import { tables } from "./tables.js";

// <textarea data-drop> takes the text of a file; with data-drop="ID" the files go to that file input.
function drop(area) {
    const files = area.dataset.drop && document.getElementById(area.dataset.drop);
    // The editor's own element stands in for a textarea that it hides.
    const target = area.closest(".field") ?? area.parentElement;
    const over = (event) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        target.classList.add("drop");
    };
    target.addEventListener("dragenter", over);
    target.addEventListener("dragover", over);
    target.addEventListener("dragleave", (event) => {
        if (!target.contains(event.relatedTarget)) target.classList.remove("drop");
    });
    target.addEventListener("drop", async (event) => {
        if (!event.dataTransfer?.files.length) return;
        event.preventDefault();
        event.stopPropagation();
        target.classList.remove("drop");
        if (files) {
            files.files = event.dataTransfer.files;
            files.dispatchEvent(new Event("change", { bubbles: true }));
            return;
        }
        area.value = await event.dataTransfer.files[0].text();
        area.dispatchEvent(new Event("change", { bubbles: true }));
    }, true);
}

// <button hidden data-copy="#id"> copies the text, or the value, of what it names.
function copy(button) {
    button.hidden = false;
    const words = button.textContent;
    button.addEventListener("click", async () => {
        const source = document.querySelector(button.dataset.copy);
        try {
            await navigator.clipboard.writeText(source.value ?? source.textContent);
            button.textContent = "Copied";
        } catch {
            button.textContent = "The browser refused; select and copy by hand";
        }
        setTimeout(() => (button.textContent = words), 2000);
    });
}

tables();
suggestions();
saveButtons();
everywhere("textarea[data-drop]", drop);
everywhere("button[data-copy]", copy);
