// The peer: Probot with a handler that does nothing, on a port of the system's choice; prints "port N". It stores
// nothing. usage: node server.js SECRET_FILE
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { Probot, Server } from "probot";

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
// Probot takes port 0 for "not said", so a free one is asked for and released.
const port = await new Promise((done) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => done(port));
  });
});
const secret = readFileSync(process.argv[2], "utf8").trim();
const server = new Server({
  Probot: Probot.defaults({ appId: 1, privateKey, secret, logLevel: "fatal" }),
  host: "127.0.0.1",
  port,
});
await server.load((app) => app.on(["pull_request", "pull_request_review", "push", "issue_comment"], async () => {}));
await server.start();
console.log(`port ${port}`);
process.on("SIGTERM", () => process.exit(0));
