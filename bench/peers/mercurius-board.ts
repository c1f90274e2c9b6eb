/** Mercurius with jit over one SQL statement. */
import Fastify from 'fastify';
import type { AddressInfo } from 'node:net';
import mercurius from 'mercurius';
import { announce } from '../child.ts';
import { boardResolvers, boardTypes } from './board-query.ts';

const app = Fastify();
await app.register(mercurius, { schema: boardTypes, resolvers: boardResolvers as unknown as mercurius.IResolvers, jit: 1 });
await app.listen({ port: 0, host: '127.0.0.1' });
announce((app.server.address() as AddressInfo).port);
