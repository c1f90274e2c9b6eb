import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const root = path.resolve(import.meta.dirname, '..');
const text = readFileSync(path.join(root, 'docker-compose.calcom.yml'), 'utf8');
const example = readFileSync(path.join(root, '.env.calcom.example'), 'utf8');

const Service = z.looseObject({
  image: z.string(),
  profiles: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  healthcheck: z.unknown().optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
});
const { services } = z.object({ services: z.record(z.string(), Service) }).parse(parse(text, { merge: true }));

/** NAME=value lines of the example file. */
const variables = new Map(
  example
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line))
    .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
);

test('there is web, API v2, cron, PostgreSQL on host port 5433, and Redis', () => {
  expect(Object.keys(services).toSorted()).toEqual(['calcom', 'calcom-api', 'calcom-api-missing', 'cron', 'database', 'redis']);
  expect(services.database?.ports).toEqual(['127.0.0.1:5433:5432']);
});

test('every image has a tag, and it is never "latest"', () => {
  for (const [name, { image }] of Object.entries(services)) {
    if (name !== 'calcom-api') expect(image.replace(/\$\{CALCOM_TAG:-(.*)\}/, '$1')).toMatch(/:v?\d+\.\d+/);
    expect(image).not.toContain('latest');
  }
});

test('whatever keeps running is watched, and starts after what it needs is healthy', () => {
  for (const [name, service] of Object.entries(services)) {
    if (name !== 'calcom-api-missing') expect(service.healthcheck, name).toBeDefined();
    for (const { condition } of Object.values(service.depends_on)) expect(condition).toBe('service_healthy');
  }
  expect(Object.keys(services['calcom-api']?.depends_on ?? {})).toEqual(['database', 'redis', 'calcom']);
});

test('nothing listens beyond this machine', () => {
  for (const { ports } of Object.values(services)) for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
});

test('no secret stands in the file, and an unset one stops compose', () => {
  const secret = /SECRET$|PASSWORD$|ENCRYPTION_KEY$|CRON_API_KEY$/;
  for (const { environment } of Object.values(services)) {
    for (const [name, value] of Object.entries(environment)) {
      if (secret.test(name) && !['STRIPE_WEBHOOK_SECRET', 'EMAIL_SERVER_PASSWORD'].includes(name))
        expect(value, name).toMatch(/^\$\{\w+:\?set \w+ in \.env\.calcom\}$/);
    }
  }
  for (const [name, value] of variables) if (secret.test(name)) expect(value, name).toBe('');
});

test('web and API share their keys', () => {
  for (const name of ['NEXTAUTH_SECRET', 'CALENDSO_ENCRYPTION_KEY', 'DATABASE_URL', 'API_KEY_PREFIX', 'CALCOM_LICENSE_KEY']) {
    expect(services['calcom-api']?.environment[name], name).toBe(services.calcom?.environment[name]);
  }
});

test('the example file has every variable that compose reads, and no other', () => {
  const read = new Set([...text.matchAll(/\$\{([A-Z_]+)/g)].map((match) => match[1] ?? ''));
  expect([...variables.keys()].filter((name) => name !== 'COMPOSE_PROFILES').toSorted()).toEqual([...read].toSorted());
});
