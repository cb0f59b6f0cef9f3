import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PERSONAL_KINDS } from './personal-values.js';
import { FORMS, Terms } from './terms.js';

const key = Buffer.alloc(32, 7);
const terms = new Terms({ key, phoneRegion: 'CN' });

test('a term is the first 128 bits of the HMAC-SHA-256 of kind and normal form', () => {
  const hmac = createHmac('sha256', key).update('phone\n+861055550100').digest();
  expect(terms.ofSearched({ kind: 'phone', text: '010 5555 0100' })).toEqual([
    hmac.subarray(0, 16).toString('base64url'),
  ]);
});

test('a recorded value has the terms by which it is searched', () => {
  for (const kind of PERSONAL_KINDS) {
    const text = kind === 'email' ? 'ann@example.org' : '13800138000';
    expect(terms.ofRecorded({ kind, text })).toEqual(terms.ofSearched({ kind, text }));
  }
});

test('values of two kinds with the same text have different terms', () => {
  const all = PERSONAL_KINDS.map((kind) => terms.ofSearched({ kind, text: '1@2' })[0]);
  expect(all).not.toContain(undefined);
  expect(new Set(all).size).toBe(PERSONAL_KINDS.length);
});

test('another key gives other terms', () => {
  const others = new Terms({ key: Buffer.alloc(32, 8), phoneRegion: 'CN' });
  expect(others.ofSearched({ kind: 'name', text: '王芳' })).not.toEqual(
    terms.ofSearched({ kind: 'name', text: '王芳' }),
  );
});

test('the variant identifies the key and the region, and consists of digits and small letters', () => {
  const variants = [
    terms.variant,
    new Terms({ key: Buffer.alloc(32, 8), phoneRegion: 'CN' }).variant,
    new Terms({ key, phoneRegion: 'GB' }).variant,
  ];
  expect(new Set(variants).size).toBe(3);
  for (const variant of variants) expect(variant).toMatch(/^[0-9a-f]{12}$/);
  expect(new Terms({ key, phoneRegion: 'CN' }).variant).toBe(terms.variant);
});

test('the forms name the installed version of the library that decides the forms of phone numbers', () => {
  const manifest = readFileSync(join(__dirname, '../../package.json'), 'utf8');
  const { dependencies } = JSON.parse(manifest) as { readonly dependencies: Readonly<Record<string, string>> };
  expect(FORMS.libphonenumber).toBe(dependencies['libphonenumber-js']);
});
