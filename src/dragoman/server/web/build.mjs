// Bundles the scripts of the pages: node build.mjs FOLDER
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { world } from "./world.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2];
const entries = ["app", "desk", "editor", "graph", "map"];

const { metafile } = await build({
    absWorkingDir: here,
    entryPoints: entries.map((entry) => `${entry}.js`),
    outdir: folder,
    bundle: true,
    format: "iife",
    legalComments: "none", // the whole texts stand in THIRD-PARTY.txt
    metafile: true,
    minify: true,
    target: ["es2022"],
});

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "world.json"), JSON.stringify(world()));

// What was put in, by name; and the lands, which are no script.
const packages = new Set(["world-atlas"]);
for (const input of Object.keys(metafile.inputs)) {
    const found = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) packages.add(found[1]);
}
const texts = [...packages].sort().map((name) => {
    const home = join(here, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
    const file = readdirSync(home).find((each) => /^licen[cs]e(\.|$)/i.test(each));
    if (!license && !file) throw new Error(`${name} tells no licence`);
    return `${name} ${version} (${license ?? "see below"})\n\n${file ? readFileSync(join(home, file), "utf8").trim() : `Licence: ${license}`}\n`;
});
writeFileSync(join(folder, "THIRD-PARTY.txt"), [
    "The scripts in this folder contain these packages, under these licences.\n",
    ...texts,
    "Natural Earth, whose lands world.json has, is in the public domain.\n",
].join(`\n${"-".repeat(78)}\n\n`));
