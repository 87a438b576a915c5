// @ts-check
/**
 * Starts Pyodide, the Python of JupyterLite, under Node.js and runs in_pyodide.py in it.
 *
 *     node tests/javascript/pyodide.js PYODIDE SITE MICROPIP
 *
 * PYODIDE is the folder of npm's package, SITE what `make lite` built, MICROPIP a wheel. Nothing is
 * fetched from anywhere but SITE.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, site, micropip] = process.argv.slice(2).map((path) => resolve(path));

const server = createServer(({ url }, response) => {
  const { pathname } = new URL(url ?? "", "http://127.0.0.1");
  try {
    response.end(readFileSync(join(site, decodeURIComponent(pathname))));
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(undefined)));
const address = server.address();
const port = typeof address === "object" && address ? address.port : 0;

const { loadPyodide } = await import(pathToFileURL(join(folder, "pyodide.mjs")).href);
const pyodide = await loadPyodide({ indexURL: folder });
pyodide.unpackArchive(new Uint8Array(readFileSync(micropip)), "wheel");
pyodide.globals.set("SITE", `http://127.0.0.1:${port}`);
const checks = readFileSync(new URL("in_pyodide.py", import.meta.url), "utf8");
try {
  console.log(await pyodide.runPythonAsync(`${checks}\nawait main(SITE)`));
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
} finally {
  server.close();
  server.closeAllConnections();
}
