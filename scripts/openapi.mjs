// `npm run openapi` writes openapi.json as the service serves it. `npm run openapi -- --check` changes nothing: it prints
// the lines that differ and ends with exit code 1. Both start the compiled service on an empty data folder.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './setup.mjs';

const FILE = join(root, 'openapi.json');

/** Returns the exit code. */
export async function openApi(args) {
  const document = `${JSON.stringify(await servedDocument(), null, 2)}\n`;
  if (!args.includes('--check')) {
    await writeFile(FILE, document);
    return 0;
  }
  if (document === (await readFile(FILE, 'utf8').catch(() => ''))) return 0;
  const work = await mkdtemp(join(tmpdir(), 'redress-openapi-'));
  await writeFile(join(work, 'openapi.json'), document);
  await run('diff', ['-u', FILE, join(work, 'openapi.json')]);
  await rm(work, { recursive: true });
  process.stderr.write('redress: openapi.json is not the document of the service; run `npm run openapi`\n');
  return 1;
}

async function servedDocument() {
  const data = await mkdtemp(join(tmpdir(), 'redress-openapi-'));
  const { loadConfiguration } = await import('../dist/src/platform/configuration.js');
  const { startService } = await import('../dist/src/app/service.js');
  const configuration = loadConfiguration({ REDRESS_DATA: data, REDRESS_PORT: '0', REDRESS_LOG: 'silent' });
  const service = await startService({ configuration });
  try {
    const response = await fetch(`${service.url}/docs-json`);
    return await response.json();
  } finally {
    await service.stop();
    await rm(data, { recursive: true, force: true });
  }
}
